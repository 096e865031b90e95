package dev.trapline.vm.theory;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.insn.X86;
import dev.trapline.vm.isa.ByteSource;
import dev.trapline.vm.isa.CodeSize;
import dev.trapline.vm.isa.Decoder;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Operand;
import dev.trapline.vm.isa.OperandSpec;
import dev.trapline.vm.isa.OperandSpec.Place;
import dev.trapline.vm.isa.RegFile;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.isa.asm.Encoder;
import dev.trapline.vm.isa.disasm.Disassembler;
import dev.trapline.vm.isa.disasm.Syntax;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Makes the samples of a row: every operand size, register and memory, and the variations of {@link Arguments}. */
final class Samples {
  private static final Decoder DECODER = new Decoder(X86.set());
  private static final Disassembler DISASSEMBLER = new Disassembler(DECODER);
  private static final int NONE = Operand.Mem.NONE;
  private static final int MAX_CODE = Layout.LANDING - Layout.CODE - 2;

  private final Row row;
  private final Layout at;
  private final CodeSize code;
  private final Arguments arguments;
  private final List<Sample> all = new ArrayList<>();

  private Samples(Row row, Layout at) {
    this.row = row;
    this.at = at;
    this.code = at.codeSize();
    this.arguments = new Arguments(row, at);
  }

  /** All samples of a row; none if it does not exist in the mode. */
  static List<Sample> of(Row row, Layout at) {
    var samples = new Samples(row, at);
    for (int size : Encoder.sizes(row, samples.code)) {
      samples.forms(size);
    }
    return samples.all;
  }

  private void forms(int size) {
    boolean mayBeMemory = row.operands().stream().anyMatch(o -> o.place().mayBeMemory());
    boolean mustBe = row.operands().stream().anyMatch(o -> o.place() == Place.M);
    for (int v = 0; v < arguments.variations(); v++) {
      if (!mustBe) {
        add(size, false, v);
      }
      if (mayBeMemory) {
        add(size, true, v);
      }
    }
  }

  private void add(int size, boolean memory, int variation) {
    byte[] bytes = encode(size, memory, variation, 0);
    bytes = bytes == null ? null : encode(size, memory, variation, Layout.LANDING - Layout.CODE - bytes.length);
    if (bytes == null || bytes.length > MAX_CODE) {
      return;
    }
    Insn in = DECODER.decode(ByteSource.of(Arrays.copyOf(bytes, 16), 0), code);
    if (in == null || in.row != row || in.length != bytes.length) {
      return;
    }
    var p = new Sample.Preparation(at.wide);
    arguments.prepare(p, variation, in.opBits);
    String text = DISASSEMBLER.format(in, Layout.CODE, Syntax.INTEL);
    all.add(new Sample(row, bytes, text, p.general, p.flags, List.copyOf(p.stores)));
  }

  private byte[] encode(int size, boolean memory, int variation, long distance) {
    var operands = new ArrayList<Operand>();
    for (OperandSpec spec : row.operands()) {
      operands.add(operand(spec, size, memory, variation, distance));
    }
    try {
      return Encoder.encode(new Encoder.Request(row, operands, size, row.enc().addrBits(), 0, -1, code));
    } catch (Encoder.Impossible e) {
      return null;
    }
  }

  private Operand operand(OperandSpec spec, int size, boolean memory, int variation, long distance) {
    int address = row.enc().addrBits() != 0 ? row.enc().addrBits() : code.bits;
    int bits = spec.bits(size, address, at.wide);
    return switch (spec.place()) {
      case E -> memory ? memory(address, bits) : new Operand.Reg(RegFile.gpr(bits), Cpu.RAX);
      case M -> memory(address, bits);
      case R -> new Operand.Reg(RegFile.gpr(bits), Cpu.RAX);
      case G -> new Operand.Reg(RegFile.gpr(bits), Cpu.RDX);
      case Z -> new Operand.Reg(RegFile.gpr(bits), Cpu.RCX);
      case I -> immediate(spec, size, bits, variation);
      case J -> new Operand.Rel(distance, size);
      case A -> new Operand.Far(arguments.selector(variation), Layout.LANDING, size);
      case O -> new Operand.Mem(Cpu.DS, NONE, NONE, 0, Layout.OPERAND, address, bits, address / 8);
      case S -> new Operand.Reg(RegFile.SEG, arguments.segment(variation));
      case C -> new Operand.Reg(RegFile.CR, Arguments.control(variation));
      case D -> new Operand.Reg(RegFile.DR, Arguments.debug(variation));
      case V -> new Operand.Reg(RegFile.XMM, 1);
      case W -> memory ? memory(address, bits) : new Operand.Reg(RegFile.XMM, 2);
      case U -> new Operand.Reg(RegFile.XMM, 2);
      case P -> new Operand.Reg(RegFile.MMX, 1);
      case Q -> memory ? memory(address, bits) : new Operand.Reg(RegFile.MMX, 2);
      case N -> new Operand.Reg(RegFile.MMX, 2);
      case X -> new Operand.Mem(Cpu.DS, Cpu.RSI, NONE, 0, 0, address, bits, 0);
      case Y -> new Operand.Mem(Cpu.ES, Cpu.RDI, NONE, 0, 0, address, bits, 0);
      case FIXED_GPR -> new Operand.Reg(RegFile.gpr(bits), spec.fixed());
      case FIXED_SEG -> new Operand.Reg(RegFile.SEG, spec.fixed());
      case FIXED_ST -> new Operand.Reg(RegFile.ST, 0);
      case ST_I -> new Operand.Reg(RegFile.ST, 1);
      case FIXED_XMM -> new Operand.Reg(RegFile.XMM, 0);
      case ONE -> new Operand.Imm(1, 8, 0);
    };
  }

  private static Operand.Mem memory(int address, int bits) {
    return new Operand.Mem(Cpu.DS, Cpu.RBX, NONE, 0, 0, address, bits, Encoder.SHORTEST);
  }

  private Operand immediate(OperandSpec spec, int size, int bits, int variation) {
    long v = arguments.immediate(spec, variation);
    return switch (spec.size()) {
      case "b" -> new Operand.Imm(v, 8, 1);
      case "w" -> new Operand.Imm(v, 16, 2);
      case "bs" -> new Operand.Imm(v, bits, 1);
      case "z" -> new Operand.Imm(v, size, Math.min(size, 32) / 8);
      default -> new Operand.Imm(v, size, size / 8);
    };
  }
}
