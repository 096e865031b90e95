#!/usr/bin/env python3
"""Correctly rounded values of the x87's elementary functions, the reference of ElementaryTest.

    python3 elementary.py 1400 1 | gzip -9n > ../resources/vectors/elementary.gz

Computed with 110 decimal digits by the decimal module. Trigonometric arguments are reduced by pi in 66 bits, as processors do.
A line: function, x and y as hexadecimal sign/exponent and significand, the result likewise, whether it was rounded away from zero.
"""
import random
import sys
from decimal import Decimal, getcontext
from fractions import Fraction

getcontext().prec = 110
EPSILON = Decimal(10) ** -106
PI_66 = Fraction(0xC90FDAA22168C234C, 2 ** 66)
BIAS = 16383


def value(sign_exp, sig):
    magnitude = Fraction(sig) * Fraction(2) ** ((sign_exp & 0x7FFF) - BIAS - 63)
    return -magnitude if sign_exp >> 15 else magnitude


def decimal(f):
    return Decimal(f.numerator) / Decimal(f.denominator)


def power_series(first, factor, x, start):
    """Sum of a series whose next term is term * factor * x^2 / ((n + 1)(n + 2))."""
    total = term = first
    n = start
    while abs(term) > EPSILON * max(abs(total), Decimal(10) ** -60):
        term = term * factor * x * x / ((n + 1) * (n + 2))
        n += 2
        total += term
    return total


def sin(x):
    return power_series(x, -1, x, 1)


def cos(x):
    return power_series(Decimal(1), -1, x, 0)


def atan(x):
    halvings = 0
    while abs(x) > Decimal("0.05"):
        x = x / (1 + (1 + x * x).sqrt())
        halvings += 1
    total = term = x
    n = 1
    while abs(term) > EPSILON * abs(total):
        term = -term * x * x
        n += 2
        total += term / n
    return total * 2 ** halvings


PI = 4 * atan(Decimal(1))
LN2 = Decimal(2).ln()


def trigonometric(name, x):
    n = round(abs(x) / (PI_66 / 2))
    r = decimal(abs(x) - n * PI_66 / 2)
    s, c = sin(r), cos(r)
    s, c = [(s, c), (c, -s), (-s, -c), (-c, s)][n % 4]
    if x < 0:
        s = -s
    return {"sin": s, "cos": c, "tan": s / c}[name]


def reference(name, x, y):
    if name == "exp2m1":
        return (decimal(x) * LN2).exp() - 1
    if name == "yLog2":
        return decimal(y) * decimal(x).ln() / LN2
    if name == "yLog2Plus1":
        return decimal(y) * (1 + decimal(x)).ln() / LN2
    if name == "atan2":
        angle = atan(abs(decimal(y) / decimal(x)))
        angle = PI - angle if x < 0 else angle
        return -angle if y < 0 else angle
    return trigonometric(name, x)


def rounded(t):
    """Nearest extended value; none of these results is a tie."""
    exact = Fraction(abs(t))
    exp = 0
    while exact >= Fraction(2) ** (exp + 1):
        exp += 1
    while exact < Fraction(2) ** exp:
        exp -= 1
    scaled = exact / Fraction(2) ** (exp - 63)
    sig = round(scaled)
    up = sig > scaled
    if sig == 2 ** 64:
        sig //= 2
        exp += 1
    return (0x8000 if t < 0 else 0) | exp + BIAS, sig, up


def operand(rnd, low, high, signed):
    sig = 1 << 63 | rnd.getrandbits(63)
    if rnd.randrange(4) == 0:
        sig &= -1 << rnd.randrange(62)
    return (rnd.getrandbits(1) << 15 if signed else 0) | BIAS + rnd.randrange(low, high), sig


RANGES = {"exp2m1": (-60, 0), "yLog2": (-30, 30), "yLog2Plus1": (-50, -2), "sin": (-40, 63), "cos": (-20, 63), "tan": (-30, 63),
          "atan2": (-20, 20)}


def main():
    rnd = random.Random(int(sys.argv[2]))
    names = list(RANGES)
    for i in range(int(sys.argv[1])):
        name = names[i % len(names)]
        x = operand(rnd, *RANGES[name], name != "yLog2")
        y = operand(rnd, -10, 10, True)
        if name == "yLog2" and rnd.randrange(3) == 0:
            x = BIAS, 1 << 63 | 1 + (rnd.getrandbits(62) >> rnd.randrange(60))
        if name == "yLog2" and x[1] == 1 << 63:
            continue
        se, sig, up = rounded(reference(name, value(*x), value(*y)))
        print(f"{name} {x[0]:x} {x[1]:x} {y[0]:x} {y[1]:x} {se:x} {sig:x} {up}")


main()
