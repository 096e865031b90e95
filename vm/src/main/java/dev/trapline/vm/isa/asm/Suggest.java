package dev.trapline.vm.isa.asm;

import java.util.Collection;

/** The nearest of some names, for "did you mean". */
final class Suggest {
  private Suggest() {}

  /** The name with the smallest edit distance, at most a third of the word's length and at least one; null if none is so near. */
  static String nearest(String word, Collection<String> names) {
    String best = null;
    int bestDistance = Math.max(1, word.length() / 3) + 1;
    for (String name : new java.util.TreeSet<>(names)) {
      int d = distance(word, name);
      if (d < bestDistance) {
        bestDistance = d;
        best = name;
      }
    }
    return best;
  }

  /** Insertions, deletions, substitutions and exchanges of neighbours. */
  private static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        d[i][j] = i == 0 || j == 0 ? i + j : step(d, a, b, i, j);
      }
    }
    return d[a.length()][b.length()];
  }

  private static int step(int[][] d, String a, String b, int i, int j) {
    boolean same = a.charAt(i - 1) == b.charAt(j - 1);
    int best = Math.min(d[i - 1][j - 1] + (same ? 0 : 1), 1 + Math.min(d[i - 1][j], d[i][j - 1]));
    boolean exchanged = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return exchanged ? Math.min(best, d[i - 2][j - 2] + 1) : best;
  }
}
