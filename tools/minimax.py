#!/usr/bin/env python3
"""Computes the constants of src/base/elementary.h: minimax polynomials, split constants, the bits of 1/pi.

    tools/minimax.py                          prints them, with the largest error of each fit
    tools/minimax.py src/base/elementary.h    demands that each stands in the header; exit status 1 if not

Needs mpmath (Debian: python3-mpmath). Takes about half a minute.

A fit minimises the largest |weight(t) * (f(t) - c_0 - c_1 t - ... - c_n t^n)| over an interval by the
exchange algorithm (Remez 1934) on a grid of Chebyshev points. The machine's numbers are coarser than the
reals: so c_0 is rounded to the type first, the others fitted again around it, then c_1 rounded, and so on.
Where 0 lies inside the interval all are rounded at once: t, ..., t^n vanish together there, which the
exchange does not allow. The error printed is that of the rounded polynomial.
"""
import struct
import sys

from mpmath import cos, erf, erfc, exp, expm1, floor, log, log1p, lu_solve, matrix
from mpmath import mp, mpf, pi, polyval, sin, sqrt, tanh

mp.prec = 320  # the 224 bits of 1/pi, and room
GRID_POINTS = 500


def f32(x):
    return struct.unpack("f", struct.pack("f", float(x)))[0]


def c_hex(x, suffix):
    """A C hexadecimal constant without trailing zeros."""
    digits, exponent = float(x).hex().split("p")
    return (digits.rstrip("0").rstrip(".") if "." in digits else digits) + "p" + str(int(exponent)) + suffix


def alternation(error, count):
    """Where `error` has extrema of alternating sign; down to `count` by dropping the smaller at the ends."""
    places = []
    for i, e in enumerate(error):
        if not places or (error[places[-1]] > 0) != (e > 0):
            places.append(i)
        elif abs(e) > abs(error[places[-1]]):
            places[-1] = i
    while len(places) > count:
        places.pop(0 if abs(error[places[0]]) < abs(error[places[-1]]) else -1)
    return places


def remez(points, f, weight, fixed, degree):
    """The best c_k .. c_degree where c_0 .. c_(k-1) are `fixed`."""
    free = degree + 1 - len(fixed)
    rest = [y - polyval(fixed[::-1], t) for t, y in zip(points, f)]
    reference = [int((i + 0.5) * len(points) / (free + 1)) for i in range(free + 1)]
    for _ in range(100):
        a, b = matrix(free + 1, free + 1), matrix(free + 1, 1)
        for row, i in enumerate(reference):
            for column in range(free):
                a[row, column] = points[i] ** (len(fixed) + column)
            a[row, free] = (-1) ** row / weight[i]
            b[row] = rest[i]
        c = list(lu_solve(a, b))[:free]
        error = [w * (y - t ** len(fixed) * polyval(c[::-1], t)) for t, y, w in zip(points, rest, weight)]
        places = alternation(error, free + 1)
        if places == reference or len(places) <= free:
            break
        reference = places
    return c


def fit(f, weight, low, high, degree, rounded):
    """All coefficients, rounded, and the largest weighted error left."""
    low, high = mpf(low), mpf(high)
    middle, half = (low + high) / 2, (high - low) / 2
    points = [middle - half * cos(pi * (i + mpf(1) / 2) / GRID_POINTS) for i in range(GRID_POINTS)]
    values, weights = [f(t) for t in points], [abs(weight(t)) for t in points]
    fixed = []
    while len(fixed) <= degree:
        best = [mpf(rounded(c)) for c in remez(points, values, weights, fixed, degree)]
        fixed += best if low < 0 else best[:1]
    return fixed, max(w * abs(y - polyval(fixed[::-1], t)) for t, y, w in zip(points, values, weights))


def split(x, bits, rounded):
    """x = high + low, high of `bits` bits."""
    unit = mpf(2) ** (floor(log(x, 2)) + 1 - bits)
    high = floor(x / unit + mpf(1) / 2) * unit
    return [high, mpf(rounded(x - high))]


HALF_LN2 = log(2) / 2
QUARTER_PI = pi / 4
TANH_SPLIT = mpf("0.625")
ERF_SPLIT, ERF_ONE = 1 - mpf(2) ** -12, 4  # at the former 1 - erf has a fourth root that is nearly a float

# Name, type, f, weight, interval, degree: see the comments in elementary.h.
FITS = [
    ("exp: (e^r - 1 - r) / r^2", f32,
     lambda r: (expm1(r) - r) / r**2, lambda r: r**2 / exp(r), -HALF_LN2, HALF_LN2, 4),
    ("expm1: (e^r - 1 - r) / r^2", f32,
     lambda r: (expm1(r) - r) / r**2, lambda r: r**2 / expm1(r), -HALF_LN2, HALF_LN2, 5),
    ("log: (ln(1+f) - f + f^2/2) / f^3", f32,
     lambda f: (log1p(f) - f + f**2 / 2) / f**3, lambda f: f**3 / log1p(f), mpf("-0.25"), mpf("0.5"), 7),
    ("tanh: (tanh(x) / x - 1) / x^2 in x^2", f32,
     lambda t: (tanh(sqrt(t)) / sqrt(t) - 1) / t, lambda t: t * sqrt(t) / tanh(sqrt(t)), 0, TANH_SPLIT**2, 4),
    ("erf: erf(x) / x - 1 in x^2", f32,
     lambda t: erf(sqrt(t)) / sqrt(t) - 1, lambda t: sqrt(t) / erf(sqrt(t)), 0, ERF_SPLIT**2, 6),
    ("erf: (1 - erf(s+t))^(1/4)", f32,
     lambda t: erfc(ERF_SPLIT + t) ** mpf("0.25"), lambda t: 4 * erfc(ERF_SPLIT + t) ** mpf("0.75"),
     0, ERF_ONE - ERF_SPLIT, 9),
    ("sin: (sin(r) / r - 1) / r^2 in r^2", float,
     lambda t: (sin(sqrt(t)) / sqrt(t) - 1) / t, lambda t: t * sqrt(t) / sin(sqrt(t)), 0, QUARTER_PI**2, 3),
    ("cos: (cos(r) - 1 + r^2/2) / r^4 in r^2", float,
     lambda t: (cos(sqrt(t)) - 1 + t / 2) / t**2, lambda t: t**2 / cos(sqrt(t)), 0, QUARTER_PI**2, 2),
]


def constants():
    """(title, the constants as C) for everything in the header."""
    for title, rounded, f, weight, low, high, degree in FITS:
        c, error = fit(f, weight, low, high, degree, rounded)
        suffix = "f" if rounded is f32 else ""
        yield f"{title}: error 2^{float(log(error, 2)):.1f}", [c_hex(x, suffix) for x in c]
    yield "log2(e), 1/ln 2", [c_hex(f32(1 / log(2)), "f")]
    yield "ln 2 = 16 bits + the rest", [c_hex(x, "f") for x in split(log(2), 16, f32)]
    yield "2/pi", [c_hex(2 / pi, "")]
    yield "pi/2 = 29 bits + the rest", [c_hex(x, "") for x in split(pi / 2, 29, float)]
    yield "2^-62 pi/2", [c_hex(pi / 2 / 2**62, "")]
    words = [int(floor(mpf(2) ** (32 * i + 32) / pi)) & 0xFFFFFFFF for i in range(7)]
    yield "bits of 1/pi", [f"0x{word:08X}" for word in words]


def main():
    header = open(sys.argv[1], encoding="utf-8").read() if len(sys.argv) > 1 else None
    missing = False
    for title, values in constants():
        print(title)
        for value in values:
            absent = header is not None and value not in header
            missing |= absent
            print("    " + value + ("    NOT IN THE HEADER" if absent else ""))
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
