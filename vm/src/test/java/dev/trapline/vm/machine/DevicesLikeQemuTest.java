package dev.trapline.vm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Interrupt controllers, clock and serial port answer long random register sequences as QEMU's do. */
class DevicesLikeQemuTest {
  @Test
  void everyAnswerIsTheSame() throws IOException {
    Machine machine = null;
    String part = "";
    int compared = 0;
    int number = 0;
    for (String line : lines()) {
      number++;
      String[] words = line.split(" ");
      switch (words[0]) {
        case "=" -> {
          machine = new Machine(MachineConfig.standard().withMemory(1 << 20));
          part = words[1];
        }
        case "w" -> machine.ports().out(Integer.parseInt(words[1], 16), 1, Integer.parseInt(words[2], 16));
        case "r" -> {
          String answer = String.format("%02x", machine.ports().in(Integer.parseInt(words[1], 16), 1));
          assertTrue(answer.matches(words[2].replace('?', '.')),
              part + ", line " + number + ": port " + words[1] + "h gives " + answer + ", QEMU " + words[2]);
          compared++;
        }
        default -> assertEquals("#", words[0]);
      }
    }
    assertTrue(compared > 1_000, compared + " answers");
  }

  private static List<String> lines() throws IOException {
    try (Reader r = new InputStreamReader(DevicesLikeQemuTest.class.getResourceAsStream("/devices/qemu.txt"), StandardCharsets.US_ASCII);
        BufferedReader b = new BufferedReader(r)) {
      return b.lines().toList();
    }
  }
}
