package dev.trapline.vm.debug.view;

/** One form of an instruction, as its row states it. */
public record RowView(String encoding, String mnemonic, String operands, String flagsWritten, String flagsUndefined, String feature,
    String attributes, String spec) {}
