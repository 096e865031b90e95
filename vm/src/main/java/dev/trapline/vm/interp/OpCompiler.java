package dev.trapline.vm.interp;

import dev.trapline.vm.cpu.Cpu;
import dev.trapline.vm.cpu.insn.Shape;
import dev.trapline.vm.cpu.insn.SimdShape;
import dev.trapline.vm.isa.Attr;
import dev.trapline.vm.isa.FlagRule;
import dev.trapline.vm.isa.Insn;
import dev.trapline.vm.isa.Row;
import dev.trapline.vm.isa.Sem;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DynamicConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;

/**
 * Writes the class of an operation shape: fetch operands, call the row's function, store the result, apply the flag
 * rule. The function itself is a constant of the class, so HotSpot inlines it; the semantics stand once, in the row.
 */
final class OpCompiler {
  static final ClassDesc CPU = desc(Cpu.class);
  private static final ClassDesc RULE = desc(FlagRule.class);
  static final ClassDesc OP = desc(Op.class);
  private static final ClassDesc INSN = desc(Insn.class);
  static final ClassDesc SUPPORT = desc(Support.class);
  static final ClassDesc LONGS = ConstantDescs.CD_long.arrayType();
  private static final MethodTypeDesc RULE_TYPE = MethodTypeDesc.of(ConstantDescs.CD_long, ConstantDescs.CD_long, ConstantDescs.CD_long,
      ConstantDescs.CD_long, ConstantDescs.CD_int, ConstantDescs.CD_long);
  /** Local variables of {@code exec}: the processor, the linear address, up to three operands, the result. */
  static final int CPU_SLOT = 1;
  static final int LINEAR_SLOT = 2;
  private static final int OPERAND_SLOT = 4;
  static final int RESULT_SLOT = 10;

  private final Row row;
  private final OpShape shape;
  private final int width;
  private final int memoryBits;
  private final Method function;
  private final Class<?> functionType;
  private final ClassDesc self;
  private CodeBuilder code;

  private OpCompiler(Insn in, OpShape shape) {
    this.row = in.row;
    this.shape = shape;
    this.width = width(in);
    this.memoryBits = in.mem() == null ? 0 : in.mem().bits();
    this.functionType = functionType(in.row.sem());
    this.function = function(functionType);
    this.self = ClassDesc.of(OpCompiler.class.getPackageName() + ".Op_" + identifier(in.row.mnemonic()));
  }

  /** Makes the prototype of a shape's operations. */
  static Op compile(Insn in, OpShape shape) {
    OpCompiler c = new OpCompiler(in, shape);
    try {
      byte[] bytes = c.classFile();
      var lookup = MethodHandles.lookup().defineHiddenClassWithClassData(bytes, in.row.sem(), true);
      return (Op) lookup.findConstructor(lookup.lookupClass(), MethodType.methodType(void.class)).invoke();
    } catch (Throwable t) {
      throw new IllegalStateException("row " + in.row + ": cannot compile shape " + shape, t);
    }
  }

  private static String identifier(String mnemonic) {
    return mnemonic.replaceAll("[^A-Za-z0-9]", "_");
  }

  static ClassDesc desc(Class<?> c) {
    return ClassDesc.ofDescriptor(c.descriptorString());
  }

  /** The functional interface among the interfaces of a row's semantics. */
  private static Class<?> functionType(Sem sem) {
    if (sem instanceof Shape.Wide) {
      return Shape.Wide.class; // also the types that extend it
    }
    for (Class<?> i : sem.getClass().getInterfaces()) {
      if (Sem.class.isAssignableFrom(i)) {
        return i;
      }
    }
    throw new IllegalStateException(sem.getClass() + " implements no shape");
  }

  private static Method function(Class<?> type) {
    for (Method m : type.getMethods()) {
      if (Modifier.isAbstract(m.getModifiers())) {
        return m;
      }
    }
    throw new IllegalStateException(type + " has no abstract method");
  }

  /** Width the function works on: that of the first register or memory operand, else the operand size. */
  private static int width(Insn in) {
    for (var o : in.operands) {
      if (o instanceof dev.trapline.vm.isa.Operand.Reg || o instanceof dev.trapline.vm.isa.Operand.Mem m && m.bits() != 0) {
        return o.bits();
      }
    }
    return in.opBits;
  }

  private byte[] classFile() {
    return ClassFile.of().build(self, cb -> {
      cb.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER).withSuperclass(OP);
      cb.withMethodBody("<init>", ConstantDescs.MTD_void, 0,
          b -> b.aload(0).invokespecial(OP, "<init>", ConstantDescs.MTD_void).return_());
      cb.withMethodBody("fresh", MethodTypeDesc.of(OP), 0,
          b -> b.new_(self).dup().invokespecial(self, "<init>", ConstantDescs.MTD_void).areturn());
      cb.withMethodBody("exec", MethodTypeDesc.of(ConstantDescs.CD_void, CPU), 0, this::exec);
    });
  }

  // ---- the exec method

  private void exec(CodeBuilder b) {
    this.code = b;
    checks();
    if (row.sem() instanceof SimdShape simd && SimdEmitter.handles(simd, shape)) {
      new SimdEmitter(this, code, row, shape, memoryBits).emit(simd);
    } else if (takesInsn()) {
      callWide();
    } else {
      callOrdinary();
    }
    b.return_();
  }

  private void checks() {
    if (row.is(Attr.CPL0)) {
      code.aload(CPU_SLOT).invokestatic(SUPPORT, "requireCpl0", MethodTypeDesc.of(ConstantDescs.CD_void, CPU));
    }
    if (row.feature().usesFpu()) {
      String check = switch (row.feature()) {
        case X87 -> row.mnemonic().equals("wait") ? "requireWait" : "requireX87";
        case MMX -> "requireMmx";
        default -> !names("PQN") ? "requireSse" : names("VWU") ? "requireSseAndMmx" : "requireMmx";
      };
      code.aload(CPU_SLOT).invokestatic(SUPPORT, check, MethodTypeDesc.of(ConstantDescs.CD_void, CPU));
    }
  }

  /** Whether an operand is in one of the places with these one-letter names. */
  private boolean names(String places) {
    return row.operands().stream().anyMatch(o -> places.contains(o.place().name()));
  }

  private boolean takesInsn() {
    Class<?>[] p = function.getParameterTypes();
    return p.length == 2 && p[1] == Insn.class;
  }

  private void callWide() {
    code.aload(CPU_SLOT).aload(CPU_SLOT).getfield(CPU, "base", ConstantDescs.CD_long);
    opInt("next");
    code.i2l().ladd().putfield(CPU, "nextRip", ConstantDescs.CD_long);
    pushFunction();
    code.aload(CPU_SLOT).aload(0).getfield(OP, "insn", INSN);
    invokeFunction();
  }

  private void callOrdinary() {
    if (shape.address() != null) {
      linearAddress();
      code.lstore(LINEAR_SLOT);
    }
    int longs = longParameters();
    int operands = shape.kinds().size();
    boolean returns = function.getReturnType() == long.class;
    int first = returns && longs - (row.is(Attr.CARRY) ? 1 : 0) < operands ? 1 : 0;
    for (int i = first; i < operands; i++) {
      fetch(i, i == 0 && returns && !row.is(Attr.DISCARDS));
      code.lstore(OPERAND_SLOT + 2 * i);
    }
    if (row.condition() >= 0) {
      conditional(first, returns);
    } else {
      call(first);
      if (returns) {
        finish(first);
      }
    }
  }

  private int longParameters() {
    int n = 0;
    for (Class<?> p : function.getParameterTypes()) {
      if (p == long.class) {
        n++;
      }
    }
    return n;
  }

  /** Jcc: call if the condition holds. SETcc: result or zero. CMOVcc: result or the old value. */
  private void conditional(int first, boolean returns) {
    Label otherwise = code.newLabel();
    Label end = code.newLabel();
    code.loadConstant(row.condition());
    flagWord("res");
    flagWord("aux");
    code.invokestatic(desc(dev.trapline.vm.isa.Cond.class), "test",
        MethodTypeDesc.of(ConstantDescs.CD_boolean, ConstantDescs.CD_int, ConstantDescs.CD_long, ConstantDescs.CD_long));
    code.ifeq(otherwise);
    call(first);
    if (returns) {
      code.lstore(RESULT_SLOT);
    }
    code.goto_(end).labelBinding(otherwise);
    if (returns) {
      if (shape.kinds().size() > 1) {
        fetch(0, false);
      } else {
        code.lconst_0();
      }
      code.lstore(RESULT_SLOT);
    }
    code.labelBinding(end);
    if (returns) {
      store(0);
    }
  }

  /** Pushes function and arguments and calls; leaves a long on the stack if the function returns one. */
  private void call(int first) {
    pushFunction();
    int operand = first;
    for (Class<?> p : function.getParameterTypes()) {
      if (p == Cpu.class) {
        code.aload(CPU_SLOT);
      } else if (p == int.class) {
        code.loadConstant(width);
      } else if (operand < shape.kinds().size()) {
        code.lload(OPERAND_SLOT + 2 * operand++);
      } else {
        flagWord("aux");
        code.loadConstant(63).lushr();
      }
    }
    invokeFunction();
  }

  private void finish(int first) {
    code.lstore(RESULT_SLOT);
    if (!row.is(Attr.DISCARDS)) {
      store(0);
    }
    FlagRule rule = row.flagRule();
    if (rule != FlagRule.NONE && rule != FlagRule.SELF && !shape.flagsDead()) {
      applyRule(rule, "aux", first);
      applyRule(rule, "res", first);
    }
  }

  /** {@code c.word = rule.word(a, b, r, w, c.word)}; aux before res, since a rule may look at neither's new value. */
  private void applyRule(FlagRule rule, String word, int first) {
    code.aload(CPU_SLOT);
    code.getstatic(RULE, rule.name(), RULE);
    int operands = shape.kinds().size();
    pushOperandOrZero(first, operands);
    pushOperandOrZero(first + 1, operands);
    code.lload(RESULT_SLOT).loadConstant(width);
    flagWord(word);
    code.invokevirtual(RULE, word, RULE_TYPE).putfield(CPU, word, ConstantDescs.CD_long);
  }

  private void pushOperandOrZero(int i, int operands) {
    if (i < operands) {
      code.lload(OPERAND_SLOT + 2 * i);
    } else {
      code.lconst_0();
    }
  }

  // ---- operands

  void fetch(int i, boolean forWrite) {
    switch (shape.kinds().get(i)) {
      case GPR8 -> register(i, 0xff);
      case GPR16 -> register(i, 0xffff);
      case GPR32 -> register(i, 0xffffffffL);
      case GPR64 -> register(i, -1);
      case GPR8H -> {
        register(i, -1);
        code.loadConstant(8).lushr().loadConstant(0xffL).land();
      }
      case SEG -> {
        code.aload(CPU_SLOT);
        opInt(register(i));
        code.invokestatic(SUPPORT, "selector", MethodTypeDesc.of(ConstantDescs.CD_long, CPU, ConstantDescs.CD_int));
      }
      case IMM -> immediate(shape.kinds().indexOf(OpShape.Kind.IMM) == i);
      case MEM -> load(forWrite);
      case XMM, OTHER -> throw new IllegalStateException("operand " + i + " of " + row + " needs a function that takes the instruction");
    }
  }

  private void immediate(boolean first) {
    if (first) {
      code.aload(0).getfield(OP, "imm", ConstantDescs.CD_long);
    } else {
      opInt("imm2");
      code.loadConstant(0xff).iand().i2l();
    }
  }

  private static String register(int operand) {
    return operand == 0 ? "a" : operand == 1 ? "b" : "d";
  }

  private void register(int i, long mask) {
    code.aload(CPU_SLOT).getfield(CPU, "r", LONGS);
    opInt(register(i));
    code.laload();
    if (mask != -1) {
      code.loadConstant(mask).land();
    }
  }

  private void load(boolean forWrite) {
    if (memoryBits == 0) {
      code.lload(LINEAR_SLOT); // LEA: the offset is the value
      return;
    }
    memory();
    code.lload(LINEAR_SLOT);
    if (forWrite) {
      code.loadConstant(memoryBits / 8).invokevirtual(desc(dev.trapline.vm.cpu.LinearMemory.class), "readForWrite",
          MethodTypeDesc.of(ConstantDescs.CD_long, ConstantDescs.CD_long, ConstantDescs.CD_int));
      return;
    }
    boolean narrow = memoryBits <= 16;
    code.invokevirtual(desc(dev.trapline.vm.cpu.LinearMemory.class), "read" + scalarBits(),
        MethodTypeDesc.of(narrow ? ConstantDescs.CD_int : ConstantDescs.CD_long, ConstantDescs.CD_long));
    if (narrow) {
      code.i2l();
    }
  }

  private int scalarBits() {
    return switch (memoryBits) {
      case 8, 16, 32, 64 -> memoryBits;
      default -> throw new IllegalStateException(memoryBits + "-bit memory operand needs a function that takes the instruction");
    };
  }

  void memory() {
    code.aload(CPU_SLOT).getfield(CPU, "mem", desc(dev.trapline.vm.cpu.LinearMemory.class));
  }

  /** Stores the local {@code RESULT_SLOT} into operand {@code i}. */
  void store(int i) {
    OpShape.Kind kind = shape.kinds().get(i);
    switch (kind) {
      case MEM -> {
        memory();
        code.lload(LINEAR_SLOT).lload(RESULT_SLOT).invokevirtual(desc(dev.trapline.vm.cpu.LinearMemory.class), "write" + scalarBits(),
            MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_long, ConstantDescs.CD_long));
      }
      case GPR64, GPR32 -> {
        code.aload(CPU_SLOT).getfield(CPU, "r", LONGS);
        opInt(register(i));
        code.lload(RESULT_SLOT);
        if (kind == OpShape.Kind.GPR32) {
          code.loadConstant(0xffffffffL).land();
        }
        code.lastore();
      }
      case GPR8, GPR8H, GPR16 -> {
        code.aload(CPU_SLOT).getfield(CPU, "r", LONGS);
        opInt(register(i));
        code.lload(RESULT_SLOT).invokestatic(SUPPORT, "put" + kind.name().substring(3),
            MethodTypeDesc.of(ConstantDescs.CD_void, LONGS, ConstantDescs.CD_int, ConstantDescs.CD_long));
      }
      default -> throw new IllegalStateException("operand " + i + " of " + row + " cannot be stored by the engine");
    }
  }

  // ---- addresses

  void linearAddress() {
    OpShape.Address address = shape.address();
    boolean bare = address.linear() == OpShape.Linear.FLAT || memoryBits == 0;
    if (!bare && address.linear() == OpShape.Linear.CHECKED) {
      code.aload(CPU_SLOT);
      opInt("segment");
    }
    effectiveAddress(address);
    if (bare) {
      return;
    }
    if (address.linear() == OpShape.Linear.BASED) {
      code.aload(CPU_SLOT);
      opInt("segment");
      code.invokestatic(SUPPORT, "segmentBase", MethodTypeDesc.of(ConstantDescs.CD_long, CPU, ConstantDescs.CD_int)).ladd();
      return;
    }
    ClassDesc access = desc(dev.trapline.vm.mmu.Access.class);
    code.loadConstant(memoryBits / 8).getstatic(access, writesMemory() ? "WRITE" : "READ", access);
    code.invokevirtual(CPU, "linear",
        MethodTypeDesc.of(ConstantDescs.CD_long, ConstantDescs.CD_int, ConstantDescs.CD_long, ConstantDescs.CD_int, access));
  }

  private boolean writesMemory() {
    boolean stores = function.getReturnType() == long.class && !row.is(Attr.DISCARDS) || row.sem() instanceof SimdShape;
    return stores && shape.kinds().getFirst() == OpShape.Kind.MEM;
  }

  private void effectiveAddress(OpShape.Address address) {
    if (address.ripRelative()) {
      code.aload(CPU_SLOT).getfield(CPU, "base", ConstantDescs.CD_long);
      opInt("next");
      code.i2l().ladd();
    } else {
      code.aload(CPU_SLOT).getfield(CPU, "r", LONGS);
      opInt("base");
      code.laload();
    }
    if (address.indexed()) {
      code.aload(CPU_SLOT).getfield(CPU, "r", LONGS);
      opInt("index");
      code.laload();
      opInt("shift");
      code.lshl().ladd();
    }
    code.aload(0).getfield(OP, "disp", ConstantDescs.CD_long).ladd();
    if (address.bits() != 64) {
      code.loadConstant((1L << address.bits()) - 1).land();
    }
  }

  // ---- small pieces

  private void pushFunction() {
    pushFunction(functionType);
  }

  /** Pushes the row's semantics as one of their types. */
  void pushFunction(Class<?> type) {
    code.loadConstant(DynamicConstantDesc.ofNamed(
        ConstantDescs.ofConstantBootstrap(desc(MethodHandles.class), "classData", ConstantDescs.CD_Object),
        ConstantDescs.DEFAULT_NAME, desc(type)));
  }

  private void invokeFunction() {
    ClassDesc[] parameters = new ClassDesc[function.getParameterCount()];
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] = desc(function.getParameterTypes()[i]);
    }
    code.invokeinterface(desc(functionType), function.getName(), MethodTypeDesc.of(desc(function.getReturnType()), parameters));
  }

  void opInt(String field) {
    code.aload(0).getfield(OP, field, field.equals("next") ? ConstantDescs.CD_short : ConstantDescs.CD_byte);
  }

  private void flagWord(String word) {
    code.aload(CPU_SLOT).getfield(CPU, word, ConstantDescs.CD_long);
  }
}
