# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""erf, erfc.

Of |x| < 1/2, erf is x times a polynomial of x^2. Beyond, erfc x = e^(-x^2) g(t) / (1 + 2x) with t = (x - 3)/(x + 3) and g a
polynomial (the form of M. M. Shepherd and J. G. Laframboise, "Chebyshev approximation of (1 + 2x) exp(x^2) erfc x", 1981, with
coefficients of our own).
"""

from basics import *
from exponential import exp_pair, exp_simple, reduce_exp
from ir import extend, narrow

EDGE = 0.5
K = 3.0
T_LOW, T_HIGH = (mpf("0.49") - K) / (mpf("0.49") + K), (mpf(28) - K) / (mpf(28) + K)
TWO_OVER_ROOT_PI = 2 / mpmath.sqrt(mpmath.pi)


def scaled_erfc(t):
    x = K * (1 + t) / (1 - t)
    return (1 + 2 * x) * mpmath.exp(x * x) * mpmath.erfc(x)


def scaled_coefficients(count):
    key = ("erfc", count)
    if key not in scaled_coefficients.fits:
        with mpmath.workprec(1500):  # e^784 times its inverse
            scaled_coefficients.fits[key] = fit(scaled_erfc, T_LOW, T_HIGH, count)[0]
    return scaled_coefficients.fits[key]


scaled_coefficients.fits = {}


def erf_tail(z, exact):
    """(erf(x)/x - 2/sqrt(pi)) / z of z = x^2 <= 1/4."""
    return polynomial("erf", z, series(lambda n: TWO_OVER_ROOT_PI * mpf(-1) ** (n + 1) / mpmath.factorial(n + 1) / (2 * n + 3)), 0,
                      mpf("0.2501"), 10 if exact else 6)


def small_erf(x):
    """erf of |x| <= 1/2 as a pair."""
    first = pair_of(TWO_OVER_ROOT_PI)
    z = x * x
    p, e = two_product(x, first[0])
    return fast_two_sum(p, e + (x * (z * erf_tail(z, True) + first[1])))


def large_erfc(a):
    """erfc of 1/2 <= a <= 28: a pair times 2^k."""
    c = scaled_coefficients(24)
    t = pair_over(two_sum(a, as_value(-K, "f64")), two_sum(a, as_value(K, "f64")))
    first = pair_of(c[0])
    rest = horner(t[0], c[1:])
    p, e = two_product(t[0], rest)
    slope = horner(t[0], [k * c[k] for k in range(1, 8)])
    s, s_low = fast_two_sum(first[0], p)
    g = fast_two_sum(s, s_low + (e + (first[1] + t[1] * slope)))
    square = two_product(a, a)
    _, k, r = reduce_exp(-square[0], -square[1])
    return pair_over(pair_times(g, exp_pair(r)), two_sum(a + a, as_value(1.0, "f64"))), k


def erf_f64(x):
    a = absolute(x)
    is_small = a < EDGE
    small = small_erf(select(is_small, x, 0.0))
    large, k = large_erfc(minimum(maximum(a, EDGE), 6.0))
    scale = power_of_two(k)
    s, e = fast_two_sum(as_value(1.0, "f64"), -large[0] * scale)
    result = copy_sign(s + (e - large[1] * scale), x)
    tiny = select(a < 2.0**-1000, (x * 2.0**100 * float(TWO_OVER_ROOT_PI)) * 2.0**-100, small[0])
    return select(x.is_nan(), x, select(is_small, tiny, result))


def erfc_f64(x):
    a = absolute(x)
    is_small = a < EDGE
    small = small_erf(select(is_small, x, 0.0))
    s, e = two_sum(as_value(1.0, "f64"), -small[0])
    near = s + (e - small[1])
    bounded = minimum(maximum(a, EDGE), 28.0)
    large, k = large_erfc(bounded)
    right = times_power_of_two(large[0], k)
    scale = power_of_two(maximum(k, -1000))
    s, e = fast_two_sum(as_value(2.0, "f64"), -large[0] * scale)
    left = s + (e - large[1] * scale)
    return select(x.is_nan(), x, select(is_small, near, select(x < 0.0, left, right)))


def large_erfc_simple(a):
    c = scaled_coefficients(13)
    return exp_simple(-(a * a)) * horner((a - K) / (a + K), c) / (1.0 + 2.0 * a)


def small_erf_simple(x):
    z = x * x
    return x * (float(TWO_OVER_ROOT_PI) + z * erf_tail(z, False))


def erf_f32(x):
    wide = extend(x, "f64")
    a = absolute(wide)
    large = copy_sign(1.0 - large_erfc_simple(minimum(maximum(a, EDGE), 12.0)), wide)
    result = narrow(select(a < EDGE, small_erf_simple(wide), large), "f32")
    return select(x.is_nan(), x, result)


def erfc_f32(x):
    wide = extend(x, "f64")
    a = absolute(wide)
    right = large_erfc_simple(minimum(maximum(a, EDGE), 12.0))
    large = select(wide < 0.0, 2.0 - right, right)
    result = narrow(select(a < EDGE, 1.0 - small_erf_simple(wide), large), "f32")
    return select(x.is_nan(), x, result)


FUNCTIONS = [erf_f32, erf_f64, erfc_f32, erfc_f64]
