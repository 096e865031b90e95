package dev.trapline.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** HotSpot leaves methods over 8,000 bytecodes uncompiled (DontCompileHugeMethods), so none may exist outside class initialisers. */
class MethodSizeTest {
  private static final int HUGE = 8_000;

  @Test
  void noMethodIsTooLargeForTheCompiler() throws IOException, URISyntaxException {
    Path classes = Path.of(dev.trapline.vm.isa.Row.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    var tooLarge = new ArrayList<String>();
    long seen;
    try (var files = Files.walk(classes)) {
      List<Path> all = files.filter(f -> f.toString().endsWith(".class")).toList();
      seen = all.size();
      all.forEach(f -> tooLarge.addAll(hugeMethods(f)));
    }
    assertTrue(seen > 50, "only " + seen + " classes under " + classes);
    assertEquals(List.of(), tooLarge);
  }

  private static List<String> hugeMethods(Path file) {
    ClassModel model;
    try {
      model = ClassFile.of().parse(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return model.methods().stream()
        .filter(m -> !m.methodName().equalsString("<clinit>"))
        .filter(m -> m.code().map(c -> ((CodeAttribute) c).codeLength()).orElse(0) >= HUGE)
        .map(m -> model.thisClass().asInternalName() + "." + m.methodName().stringValue())
        .toList();
  }
}
