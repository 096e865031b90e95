package dev.trapline.vm.cpu.insn;

import java.util.Base64;

/**
 * RCPPS and RSQRTPS (SDM 2B). The architecture bounds the relative error by 1.5 * 2^-12 and leaves the values to the
 * implementation. These are the values of an AMD EPYC: they depend on the top twelve fraction bits of the operand and have
 * twelve fraction bits, within two units of the true value. The tables hold the differences, two bits each; they were measured on
 * the processor. Neither instruction raises exceptions or looks at MXCSR.
 */
final class Approximation {
  private static final int SIGN = 0x80000000;
  private static final int INFINITY = 0x7f800000;
  private static final int QUIET = 0x00400000;
  private static final int INDEFINITE = 0xffc00000;

  /** Differences plus one, four to a byte, of 1/x for x in [1, 2). */
  private static final byte[] RCP = Base64.getDecoder().decode(
      "UFWlqlBVpaqlqvqvUFWlqqaq+r+lqvqqpVqlqqWqpqqqqqqqqqqmqqVapVa6qqZq+quqavqrqmr6qqZWqmplFVSVpalVlqaqVZalqamqur5Zmqaq"
      + "qaqqrqqquq6qqqqqqqqqalmWZVmqmqZprqqqaa6qqmmqqqZZapplVa6rpllVpqq6VaqqulWqqqpVZqaqmaq7u1VmZqqZqqqqmaqqqpmqqqqZqmZm"
      + "qru7qpmqamaqq6pqqruqqqq7qmqqq6pmZZmmqqmq675lmaaqZZqqqmmqqrppqqqqaZqmqWVZlmWqqqqqZVmWZWmapmlqmqZpqpqmaWqapmVpWpZV"
      + "uqqqaVVWlpqVpqaqqaqqrqmqqq6pqqquqaqmqqWmlpqqq6uuqaammqqrqqqlllZapZZWWqmWVlqpllZZpVZWVaqrplpqpaqpqqr6qmmVqpVqpaqp"
      + "aqqqqmqqqqpqqqqpaqWqlWpVqlW6qqqqapWqVbqqqqVqVaVVapWqVWqpqlVqqapVVaWqqlVVqaqqqqrqqqqqqlVVVaqqqqqqqqqqqlVVpaqqqqqq"
      + "qqqqqqqqqqqqqqqqqqpVVaqqqqqqqqqqqmpVVVWlqqqqpaqqVaWqVVWlqqpVpaqqWqWqqlqlqqpWpaqqVaWqVlWlWlWqqqqqVqWqVqq6qqpapapV"
      + "qqqqalWlVVWWqqqqqqr6qpVVpVWVVaVV6qq6qqqqqqqWqqaqlWqlVuqquqqaqqVqlVZlVZqqpVrqqqqqlVqlVZpqpVaqqqVaZZVWWqWVVlqllVZa"
      + "ZZVVWrrqqquqqqqqpZZaaqWVVlaqqmqqpZZWWqqqaqqllVZWpppaWrqqaqqllVVVppZWVpampqaWqqqqmqqqppampqaWpqamlqWlpZVlZWWqqqqq"
      + "lqampZVlZWWaqqamlaVlZZqqpqaVZWVVlqalZZqqpqZlaZqmpmmqqqapqqqmqqqqqqqqqqqqqqqqqqqqpmmqqqZpmqZlWZZlVVWWZaqqqqqmaZZl"
      + "qqqqqqZpmqZlVVVVVWVZZlmmaappqqq6VWVZZlmmaaZpqmmqaqqqqqqqqrpVZVVlVWVZZVllVWVVZVVlqqqqqqqqaqpqqmmmaaZZZllmmWWqqqqq"
      + "aaappllmmWVqqqmmWWaZZaqqqqZZZplVaqqpZllllVVpZpllaqqpZq6qqqpZZpVVaWaZVWqmmWVVmVVmVZlVZpWZVWaVmVVmVZlVZlWZVWWq6qqq"
      + "qqqmqpmqZqaZmWVmlZlVVaqqpqqZqWZmlZlVVaqqZqaZmVVmqmpmqplZVWaqamammVlVValqZmaqaqqqmVlVValqZmaqamZm6q6qqplZVVWZWVVV"
      + "qmpmZqpqZmaqamZmqmpmZg==");
  /** The same of 1/sqrt(x) for x in [1, 2). */
  private static final byte[] RSQRT_1 = Base64.getDecoder().decode(
      "VVWqqlVVqqpVVaqqqlaqqlVVqqpVVWpVVVWqqqpaqqpVVapVVVWqalVVqqpVVaqqVVWqalVVqlVVVVZVqlaqqlaqqqpValWqWqqqqlVWVWpVqlWq"
      + "VqpaqmqqaqpqqqqqqqpqqmqqaqpaqlaqVqpValVaVVVqqlqqVWpVVqqqWqqVWqqlmqqqqpVVWqWVVmqlllqqpZZaqqWWaqqlllpqpZVaaqWVVlpl"
      + "qqqqpppqqqWVVlpVqqqqpZZWWlWqaqqllaWmppaqqqpVZWVlVaWlpZWlpaWVpaWllaWlpZWlpaWVpaWlVWVlZaqqqqqapqamlaVlZaqqqqqWpqWl"
      + "qrqqqlVWlWVpWpqmqWqqqllWlWVZWpalaVqapqlqmqaqapqqqmqaqqpqmqqqapqmqWqapmlalmVZWpZlrquqqqpqmqZlWaZpqqqqqmVZpmmqqrqq"
      + "ZVmmaappqqplVWVZplmmaappqqqqqrqqZVllWWZZZlmmWaZZplmmWaZZplmmWaZZqqqrqmqqqqpppqqmWaaaZllllmWqqquqaaaaZlllllVqqqqm"
      + "WWaaZaqqq6pZZpplqqqqpllmllVqpppmqqqrpplqppqpaqqqqq6qq5VZZVaZWWaWmWlmmplpZpqZamaamWpmmplpZpaZaWaWmVllVpVZVVaqrqqa"
      + "qmqmmplpZlaqqqq7ZqaqqlVmZmaqqqq6ZmZmqqqqqrtmZqaqqqqqu2ZmZqaqqqqqVWZmZmZmqqqqqqqqVWZmZmZmZmZmqqqqmZmZmZmZmZmZqqqq"
      + "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqmpmZmZmZmZmZme7uqqqqqqqqqqqqmZmZqqqZWWZmqqq7q5mZqqqZVWZmqqqqqpmZZmaqqquq"
      + "mZlqZqqqq6qZmWZmqpqqqplVZmaamapmqqqrqplZZmZWmZllZqqZqWqqqqmqrqq6VplZZWaZmWlmqpmpZqqaqWqqqqmqqqqpqqqqqqqqqqqqrqqq"
      + "qqqqqqqqqqmqqqqpWWaamVVmmVlVVplVqqquqpqqqqqZaqqaWWaamVVWmVWqqqqqmWqqmVlmmVmqqq6qmWqqmVVmmVWqqqqamWaaWaqpqrqZZZap"
      + "qqqquplllmmqqqq6mWWWaaqppqpZZZVlmmmmqaqqqrqZZZZpmmmmqaqqqrqZZZVlmmmmaaqppqpVVlllWWaZZZpmmmmaaqppqqqqqaqrqqquq66q"
      + "WWZZZVlmmWWZZpllmWaZZZlmmmWaZpplmmaZZZlmmWWZZpllaappqmmqaZppmmmaZZplmWWZZVm6rqquqqqqqqmqaappmmmaZZllWbquqqqqqqmq"
      + "aZppmmWZZVmqqqqqaappmg==");
  /** The same of 1/sqrt(x) for x in [2, 4). */
  private static final byte[] RSQRT_2 = Base64.getDecoder().decode(
      "ZVmapqZpqqqmqqqqVVWVZVVVlWWqquq6qqqqqqqqqqqmaZqmZVmWZaqqqqqmaZqmZVmWZaqqmqZlWZZlpmmaplmmaZppqqqaqrqqqlllWVVZZllW"
      + "WWZZVllmWVZZZllWWWVZVaq6qpqqqmqaaaZplllmWVWqqmqaaaZZVq66apppppqqWVVWmVlmmqlqqqqqWVVWmVlmlplpZpqZaqaaqWqqmqqqqpqq"
      + "qqqaqqqqmqpqqpqpaqaamWpmlplZZlaVWVVlZmqqqqppZmaqWVVlZmpmqqpZVWZmamaqqllVZWZqZmaqrqqqqlllZmZqZmZmrqqqqllVVVVZVWVm"
      + "amZmZqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqmpmZmZmZmZmZmVlVVVWqqqqqmZmZmZmZVVWqqqqamZmZmaqqqqqWmZmppqqqupaZmWmmqqqq"
      + "lZlZZaaamamqqqqqlZlVZaaZmWmmqpqpqqqqqpVZVWWVmVVllplZZaaZmWWmmZllqqqqqqqqqqqqqaqqqqlqqpqpZqqZaWaamWVmmVllVpmqqqqq"
      + "qqlqqplpZplZZVZZqqpqqpppZplZZVVZqqlmqpllllmqqqqqmWWWWaqqqqqZZZZZqqmmmllllVWaaaaZqqqqqplllVWaaaaZqqqmmllllVWZZZZZ"
      + "mmmmWaqppplllmWWaZZppmmmqaappqmmqaaqpqqmqqaqpqqmqqaqpqqmqqaqpqmmqaappmmmaaZplmmWZZZllWWVZVW6qqqmmqapqlmmaZpVlmWZ"
      + "qqqqrpqmaapZlmWaVVVVWZqmaapZlmVZqqqqqlmmaZpVVVVZmqZpmlWVZVmapmmaVVVlWZqmaZqqqqqqWZZlmqqqqqpZlmVZmqZpmqqqqqpZlmVZ"
      + "mqZpmqqqqqpZlmVVWZZlWZqmaZqqqqqaqqqqqlmWZVlWVVVZlmVZWpZlWZqmZVmapmlamqZpmqqmaZqqqmmaqqppmqqqaZqqqmmaqqppmqqmaZqa"
      + "pmmamqZpWZqmZVmaVVVZVqqqqqpqmqqqaZqapmlZmpZlWVmWVVVZVaqaqqppmpqmZVlallVVWVWqmqqmaVqalmVVWVaqmqqmaVqalmVVWVVqmqqm"
      + "aVlalqqqqqppWpqWZVVZVWqamqZlWVlVapqapmVZWVVqmpqmZVlZVWqampZlVVlVaVqalqqqqqZZWVpampqaqlVVWVlZWlqampqqqlVZWVlZWlqa"
      + "mpqqqlVVWVlZWVpaWpqampqqqqpVWVlZWVpaWlqampqamqqqVVVVVVlZWVlZWVpaWlpampqampqampqqqqqqqlVVVVVZWVlZWVlZWVlZWVlZWVpa"
      + "WlpaWlpaWlpaWlpaWlpaWg==");

  private Approximation() {}

  private static int difference(byte[] table, int i) {
    return (table[i >> 2] >> 2 * (i & 3) & 3) - 1;
  }

  static long rcpPair(long v) {
    return rcp((int) v) & 0xffffffffL | (long) rcp((int) (v >>> 32)) << 32;
  }

  static long rsqrtPair(long v) {
    return rsqrt((int) v) & 0xffffffffL | (long) rsqrt((int) (v >>> 32)) << 32;
  }

  static int rcp(int x) {
    int sign = x & SIGN;
    int exponent = x >>> 23 & 0xff;
    if (exponent == 0) {
      return sign | INFINITY;
    }
    if (exponent == 0xff) {
      return (x & 0x7fffff) != 0 ? x | QUIET : sign;
    }
    int result = 253 - exponent;
    if (result <= 0) {
      return sign;
    }
    int i = x >>> 11 & 0xfff;
    return sign | result << 23 | ((1 << 26) / (8193 + 2 * i) + difference(RCP, i) & 0xfff) << 11;
  }

  static int rsqrt(int x) {
    int exponent = x >>> 23 & 0xff;
    boolean nan = (x & ~SIGN) > INFINITY;
    if (exponent == 0 || nan) {
      return nan ? x | QUIET : x & SIGN | INFINITY;
    }
    if (x < 0 || exponent == 0xff) {
      return x < 0 ? INDEFINITE : 0;
    }
    int i = x >>> 11 & 0xfff;
    boolean even = (exponent & 1) != 0;
    int units = (int) (8192 / Math.sqrt((8193 + 2 * i) / (even ? 8192.0 : 4096.0)));
    return 126 - (exponent - (even ? 127 : 128)) / 2 << 23 | (units + difference(even ? RSQRT_1 : RSQRT_2, i) & 0xfff) << 11;
  }
}
