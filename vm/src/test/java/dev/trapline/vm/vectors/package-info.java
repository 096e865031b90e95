/**
 * Silicon vectors: what a real processor did with every user-mode row, replayed through the interpreter.
 *
 * <p>{@link dev.trapline.vm.vectors.VectorPlan} enumerates forms from the rows, {@code vm/src/test/vectors/vectors.c} runs them natively,
 * {@link dev.trapline.vm.vectors.SiliconVectorTest} replays its results. To make them anew:
 *
 * <pre>{@code
 * java -cp vm/target/classes:vm/target/test-classes dev.trapline.vm.vectors.VectorPlan plan.bin
 * vm/src/test/vectors/vectors.sh plan.bin
 * }</pre>
 */
package dev.trapline.vm.vectors;
