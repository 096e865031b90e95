package dev.trapline.shell.script;

import org.codehaus.groovy.ast.ClassCodeVisitorSupport;
import org.codehaus.groovy.ast.ClassHelper;
import org.codehaus.groovy.ast.ClassNode;
import org.codehaus.groovy.ast.MethodNode;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.StaticMethodCallExpression;
import org.codehaus.groovy.ast.stmt.BlockStatement;
import org.codehaus.groovy.ast.stmt.DoWhileStatement;
import org.codehaus.groovy.ast.stmt.ExpressionStatement;
import org.codehaus.groovy.ast.stmt.ForStatement;
import org.codehaus.groovy.ast.stmt.LoopingStatement;
import org.codehaus.groovy.ast.stmt.Statement;
import org.codehaus.groovy.ast.stmt.WhileStatement;
import org.codehaus.groovy.classgen.GeneratorContext;
import org.codehaus.groovy.control.CompilePhase;
import org.codehaus.groovy.control.SourceUnit;
import org.codehaus.groovy.control.customizers.CompilationCustomizer;

/** Puts a call of {@link Stopper#check} at the head of every loop, closure and function of a script. */
final class LoopChecks extends CompilationCustomizer {
  LoopChecks() {
    super(CompilePhase.CANONICALIZATION);
  }

  @Override
  public void call(SourceUnit source, GeneratorContext context, ClassNode type) {
    new Visitor(source).visitClass(type);
  }

  private static Statement checked(Statement body) {
    var block = new BlockStatement();
    block.addStatement(new ExpressionStatement(new StaticMethodCallExpression(ClassHelper.make(Stopper.class), "check",
        MethodCallExpression.NO_ARGUMENTS)));
    block.addStatement(body);
    block.setSourcePosition(body);
    return block;
  }

  /** Walks a class. */
  private static final class Visitor extends ClassCodeVisitorSupport {
    private final SourceUnit source;

    Visitor(SourceUnit source) {
      this.source = source;
    }

    @Override
    protected SourceUnit getSourceUnit() {
      return source;
    }

    @Override
    public void visitMethod(MethodNode method) {
      super.visitMethod(method);
      if (method.getCode() != null && !method.isScriptBody()) {
        method.setCode(checked(method.getCode()));
      }
    }

    @Override
    public void visitClosureExpression(ClosureExpression closure) {
      super.visitClosureExpression(closure);
      if (closure.getCode() != null) {
        closure.setCode(checked(closure.getCode()));
      }
    }

    private static void loop(LoopingStatement loop) {
      loop.setLoopBlock(checked(loop.getLoopBlock()));
    }

    @Override
    public void visitForLoop(ForStatement loop) {
      super.visitForLoop(loop);
      loop(loop);
    }

    @Override
    public void visitWhileLoop(WhileStatement loop) {
      super.visitWhileLoop(loop);
      loop(loop);
    }

    @Override
    public void visitDoWhileLoop(DoWhileStatement loop) {
      super.visitDoWhileLoop(loop);
      loop(loop);
    }
  }
}
