package dev.trapline.shell.command;

import java.util.Collection;

/** The closest of some names, for "did you mean". */
public final class Near {
  private Near() {}

  /** The name at the smallest edit distance, at most a third of the word's length (at least one); null if none. */
  public static String of(String word, Collection<String> names) {
    String best = null;
    int least = Math.max(1, word.length() / 3) + 1;
    for (String n : names) {
      int d = distance(word.toLowerCase(java.util.Locale.ROOT), n.toLowerCase(java.util.Locale.ROOT), least);
      if (d < least) {
        least = d;
        best = n;
      }
    }
    return best;
  }

  /** Edits (insert, delete, replace, swap neighbours) from one word to the other; stops counting at {@code most}. */
  static int distance(String a, String b, int most) {
    if (Math.abs(a.length() - b.length()) >= most) {
      return most;
    }
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        d[i][j] = i == 0 ? j : j == 0 ? i : edit(a, b, d, i, j);
      }
    }
    return d[a.length()][b.length()];
  }

  private static int edit(String a, String b, int[][] d, int i, int j) {
    boolean same = a.charAt(i - 1) == b.charAt(j - 1);
    int v = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + (same ? 0 : 1));
    boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(v, d[i - 2][j - 2] + 1) : v;
  }
}
