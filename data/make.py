#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the files of this folder, the same bytes every time. Needs numpy and pypng.

    python3 data/make.py [FOLDER]

coast.png is a rendered landscape: a height field of fractal noise seen by casting one ray per
pixel, a sea whose waves mirror sky and land, and a sky of two gradients with a layer of clouds.
Lengths are kilometres, x to the right, y up, z away from the camera; colours are linear light.
"""
import os
import sys

import numpy
import png

WIDTH, HEIGHT, OVERSAMPLING = 768, 512, 2
HORIZON, FOCAL, CAMERA = 0.44, 1.05, 0.26  # from the top; of the picture's height; above the sea
LATTICE = numpy.random.default_rng(7).random((256, 256))


def colour(red, green, blue):
    return numpy.array([red, green, blue])


SUN = colour(0.40, 0.115, 0.9) / numpy.linalg.norm(colour(0.40, 0.115, 0.9))
HAZE, WARM_HAZE = colour(0.39, 0.37, 0.46), colour(0.90, 0.55, 0.31)


# ------------------------------------------------------------------------------------- tools


def step(a, b, x):
    """Smooth step from 0 at a to 1 at b."""
    t = numpy.clip((x - a) / (b - a), 0, 1)
    return t * t * (3 - 2 * t)


def mix(a, b, weight):
    return a + (b - a) * numpy.asarray(weight)[..., None]


def noise(x, y):
    """Value noise: random numbers on a lattice, interpolated with two smooth derivatives."""
    i, j = numpy.floor(x).astype(int), numpy.floor(y).astype(int)
    u, v = x - i, y - j
    u, v = (t * t * t * (t * (t * 6 - 15) + 10) for t in (u, v))
    above = LATTICE[j & 255, i & 255] * (1 - u) + LATTICE[j & 255, i + 1 & 255] * u
    below = LATTICE[j + 1 & 255, i & 255] * (1 - u) + LATTICE[j + 1 & 255, i + 1 & 255] * u
    return above * (1 - v) + below * v


def fractal(x, y, octaves, ridged=False):
    """Sum of noise of doubling frequency and halving weight, turned a little each time."""
    total, carry, weight = 0, 1, 0.5
    for _ in range(octaves):
        n = noise(x, y)
        if ridged:
            n = (1 - abs(2 * n - 1)) ** 2 * carry
            carry = numpy.clip(n * 1.6, 0, 1)
        total, weight = total + weight * n, weight / 2
        x, y = 1.6 * x - 1.2 * y + 17.3, 1.2 * x + 1.6 * y + 5.1
    return total / (1 - 2 * weight)


# ------------------------------------------------------------------------------------- scene


def height(x, z):
    """Of the land above the sea: a shore on the left, mountains across the bay."""
    ridges = fractal(0.42 * x + 3.7, 0.42 * z + 1.3, 9, ridged=True)
    hills = fractal(0.9 * x + 40, 0.9 * z + 12, 7)
    bays = 0.28 * numpy.sin(1.1 * z + 0.4) - 0.17 * z + 0.12 * fractal(2 * x, 2 * z, 3)
    near = step(0.10, -0.85, x + bays)
    far = step(7.0, 12.0, z + 0.8 * numpy.sin(0.5 * x))
    right = step(2.3, 4.2, x - 0.22 * z + 0.5 * numpy.sin(0.6 * z + 1)) * step(2.5, 5.0, z)
    mountains = 1.55 * ridges * step(1.5, 9, z) * (0.35 + 0.65 * far + 0.25 * right)
    land = numpy.maximum(numpy.maximum(near, far), right)
    return land * (mountains + 0.50 * hills * (1 - 0.5 * far) + 0.06) - 0.16


def sky(x, y, z):
    """Light that comes from the direction (x, y, z)."""
    towards_sun = numpy.clip(x * SUN[0] + y * SUN[1] + z * SUN[2], 0, 1)
    up = 1 - numpy.exp(-5.5 * numpy.clip(y, 0, 1))
    light = mix(colour(0.98, 0.56, 0.30), colour(0.42, 0.40, 0.50), step(0, 0.42, up))
    light = mix(light, colour(0.045, 0.13, 0.33), step(0.25, 1, up))
    light = light * (0.72 + 0.28 * towards_sun**3)[..., None]
    light += colour(1, 0.62, 0.28) * (0.55 * towards_sun**18)[..., None]
    light += colour(1, 0.80, 0.50) * (0.9 * towards_sun**220)[..., None]

    away = 1 / numpy.maximum(y, 0.012)
    u, v = 0.30 * x * away + 9, 0.55 * z * away + 21
    here, sunwards = fractal(u, v, 8), fractal(u + 0.25 * SUN[0], v + 0.25 * SUN[2], 6)
    cover = step(0.50, 0.74, here) * step(0.012, 0.10, y)
    lit = numpy.clip(0.55 + 2.6 * (here - sunwards), 0, 1.4) * (0.35 + 0.65 * towards_sun**2)
    light = mix(light, mix(colour(0.34, 0.27, 0.36), colour(1.15, 0.66, 0.42), lit), 0.85 * cover)
    disc = 3 * step(0.99955, 0.99975, towards_sun) * (1 - cover)
    return light + colour(1, 0.93, 0.78) * disc[..., None]


def in_haze(light, distance, x, z):
    sunwards = numpy.clip(x * SUN[0] + z * SUN[2], 0, 1) ** 5
    density = 1 - numpy.exp(-0.072 * numpy.maximum(distance - 0.8, 0))
    return mix(light, mix(HAZE, WARM_HAZE, sunwards), density)


def land_light(x, z):
    """Grass, rock, sand and snow by height and slope, in the sun or in the mountains' shadow."""
    y, e = height(x, z), 0.0025 * numpy.maximum(z, 0.2)
    slope_x = (height(x + e, z) - height(x - e, z)) / (2 * e)
    slope_z = (height(x, z + e) - height(x, z - e)) / (2 * e)
    flatness = 1 / numpy.sqrt(slope_x**2 + 1 + slope_z**2)
    sunlight = numpy.clip((SUN[1] - slope_x * SUN[0] - slope_z * SUN[2]) * flatness, 0, 1)
    for reach in numpy.geomspace(0.02, 2.5, 22):
        clearance = y + reach * SUN[1] - height(x + reach * SUN[0], z + reach * SUN[2])
        sunlight = numpy.minimum(sunlight, numpy.clip(0.5 + clearance / (0.06 * reach), 0, 1))

    grain = fractal(26 * x + 20 * y, 26 * z + 45 * y, 10)
    rough = (0.2 + 1.6 * grain)[..., None]
    albedo = mix(colour(0.115, 0.135, 0.05), colour(0.21, 0.17, 0.15),
                 step(0.86, 0.62, flatness + 0.12 * (grain - 0.5))) * rough
    albedo = mix(albedo, colour(0.50, 0.40, 0.28) * (0.6 + 0.4 * rough),
                 step(0.026, 0.008, y + 0.012 * (grain - 0.5)))
    albedo = mix(albedo, colour(0.86, 0.88, 0.95),
                 step(0.78, 1.0, y + 0.25 * (grain - 0.5)) * step(0.45, 0.7, flatness))
    ambient = colour(0.30, 0.36, 0.52) * (0.55 + 0.45 * flatness)[..., None]
    return albedo * (ambient + colour(3.2, 1.95, 1.05) * sunlight[..., None])


def sea_light(x, z, ray, seen):
    """Waves that mirror the sky and, by seen(direction), the land; foam and light near the shore."""
    def surface(x, z):
        return 0.6 * fractal(7 * x, 16 * z, 5) + 0.4 * fractal(24 * x + 9, 50 * z, 3)

    e, amplitude = 0.01, 0.0138 / (1 + 0.35 * z)
    normal = numpy.stack([(surface(x, z) - surface(x + e, z)) / e * amplitude, numpy.ones_like(x),
                          (surface(x, z) - surface(x, z + e)) / e * amplitude])
    normal /= numpy.linalg.norm(normal, axis=0)
    facing = (ray * normal).sum(axis=0)
    mirrored = ray - 2 * facing * normal
    mirrored[1] = abs(mirrored[1])
    fresnel = 0.02 + 0.98 * (1 - numpy.clip(-facing, 0, 1)) ** 5

    depth = -height(x, z)
    water = mix(colour(0.010, 0.040, 0.060), colour(0.06, 0.20, 0.19), step(0.07, 0, depth))
    light = mix(water, seen(mirrored, sky(*mirrored)), fresnel)
    glint = numpy.clip((mirrored * SUN[:, None]).sum(axis=0), 0, 1) ** 260
    light += colour(1.76, 1.08, 0.56) * glint[..., None]
    surf = step(0.014, 0, depth + 0.02 * (fractal(9 * x, 9 * z, 5) - 0.5))
    surf *= step(0.4, 0.62, fractal(60 * x, 60 * z, 3) + 0.25 * step(0.006, 0, depth))
    return mix(light, colour(0.85, 0.78, 0.74), 0.85 * surf)


def draw_lighthouse(light, x, foot, size):
    """A tower with its foot at pixel (x, foot), size pixels high; the one thing with sharp edges."""
    rows, columns = numpy.mgrid[0 : light.shape[0], 0 : light.shape[1]] + 0.5
    up, side = (foot - rows) / size, (columns - x) / size

    def paint(shape, red, green, blue):
        sunny = 0.45 + 0.85 * step(-0.5, 0.7, side / 0.075)
        light[shape] = (colour(red, green, blue) * sunny[..., None])[shape]

    tower = (abs(side) < 0.085 - 0.032 * up) & (up > -0.03) & (up < 0.76)
    band = (up * 5.26).astype(int) % 2 == 1
    paint(tower, 0.78, 0.70, 0.62)
    paint(tower & band, 0.52, 0.07, 0.045)
    paint((abs(side) < 0.082) & (up > 0.76) & (up < 0.79), 0.05, 0.05, 0.06)
    paint((abs(side) < 0.040) & (up >= 0.79) & (up < 0.90), 1.5, 1.15, 0.55)
    paint((abs(side) % 0.026 < 0.005) & (abs(side) < 0.045) & (up >= 0.79) & (up < 0.90), 0.04, 0.04, 0.05)
    paint((abs(side) < 0.055 * (1.0 - up) / 0.10) & (up >= 0.90) & (up < 1), 0.40, 0.05, 0.035)


def render():
    rows, columns = HEIGHT * OVERSAMPLING, WIDTH * OVERSAMPLING
    u = (numpy.arange(columns) + 0.5 - columns / 2) / rows
    v = (HORIZON * rows - numpy.arange(rows) - 0.5) / rows
    ray = numpy.stack(numpy.broadcast_arrays(u[None, :], v[:, None], FOCAL))
    ray = ray / numpy.linalg.norm(ray, axis=0)

    # Land: where each column's skyline, taken over growing distance, first reaches a row.
    distances = numpy.geomspace(0.25, 16, 3000)
    outline = (height(u * distances[:, None] / FOCAL, distances[:, None] + 0 * u) - CAMERA)
    skyline = numpy.maximum.accumulate(outline / distances[:, None] * FOCAL)
    hit = numpy.stack([numpy.searchsorted(column, v) for column in skyline.T], axis=1)
    z = numpy.append(distances, numpy.inf)[hit]
    sea_z = numpy.where(v < 0, CAMERA * FOCAL / numpy.maximum(-v, 1e-9), numpy.inf)[:, None] + 0 * u
    land, sea = (z < sea_z) & numpy.isfinite(z), sea_z <= z
    sea &= numpy.isfinite(sea_z)

    light = sky(*ray)
    slant = ray[0] / ray[2]
    light[land] = in_haze(land_light((slant * z)[land], z[land]), z[land], *ray[::2, land])
    draw_lighthouse(light, 0.4935 * columns, 0.5245 * rows, 0.125 * rows)

    def seen(direction, otherwise):
        """The land in that direction, as the camera sees it; otherwise, the sky."""
        column = (direction[0] / direction[2] * FOCAL * rows + columns / 2).clip(0, columns - 1)
        row = (HORIZON * rows - direction[1] / direction[2] * FOCAL * rows).clip(0, rows - 1)
        at = row.astype(int), column.astype(int)
        return numpy.where((land[at] & (z[at] > sea_z[sea]))[..., None], light[at], otherwise)

    near = sea_z[sea]
    mirror = sea_light((slant * sea_z)[sea], near, ray[:, sea], seen)
    light[sea] = in_haze(mirror, 0.55 * near, *ray[::2, sea])
    return light


def develop(light):
    """Film-like tone curve, then sRGB, 8 bits."""
    light = 0.92 * light
    light = light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14)
    light = light.clip(0, 1).reshape(HEIGHT, OVERSAMPLING, WIDTH, OVERSAMPLING, 3).mean(axis=(1, 3))
    return (255 * numpy.where(light <= 0.0031308, 12.92 * light,
                              1.055 * light ** (1 / 2.4) - 0.055) + 0.5).astype(numpy.uint8)


# ------------------------------------------------------------------------------------- files


def write_png(name, pixels, **settings):
    rows, columns, channels = pixels.shape
    settings.setdefault("bitdepth", 8 * pixels.itemsize)
    writer = png.Writer(columns, rows, alpha=channels in (2, 4), compression=9,
                        greyscale="palette" not in settings and channels < 3, **settings)
    with open(name, "wb") as file:
        writer.write(file, pixels.reshape(rows, -1))


def write_netpbm(name, head, pixels):
    with open(name, "wb") as file:
        file.write(head.encode() + pixels.astype(pixels.dtype.newbyteorder(">")).tobytes())


def write_pictures(coast):
    detail = coast[190:318, 280:472]
    deep = detail.astype(numpy.uint16) * 257
    deep += numpy.random.default_rng(1).integers(0, 257, deep.shape, dtype=numpy.uint16)
    deep[detail == 255] = 65535
    grey = lambda rgb: (rgb @ colour(0.2126, 0.7152, 0.0722))[..., None].astype(rgb.dtype)
    y, x = numpy.mgrid[0:128, 0:192]
    alpha = 255 * step(1.0, 0.55, numpy.hypot((x - 95.5) / 96, (y - 63.5) / 64))
    write_png("coast.png", coast)
    write_png("rgba.png", numpy.dstack([detail, alpha.astype(numpy.uint8)]))
    write_png("rgb16.png", deep)
    write_png("grey.png", grey(detail))
    write_png("grey16.png", grey(deep))
    write_png("interlaced.png", detail[:97, :131], interlace=True)

    # Four levels of each primary make 64 colours; the first of them is transparent.
    palette = [tuple(85 * (i >> shift & 3) for shift in (4, 2, 0)) for i in range(64)]
    palette[0] += (0,)
    index = ((detail + 42) // 85).astype(numpy.uint8) @ numpy.array([16, 4, 1], numpy.uint8)
    write_png("palette.png", index[..., None], palette=palette, bitdepth=8)

    tiny, tiny_alpha = detail[40:64, 60:92], alpha[40:64, 60:92, None].astype(numpy.uint8)
    write_netpbm("tiny.ppm", "P6\n32 24\n255\n", tiny)
    write_netpbm("tiny.pgm", "P5\n32 24\n65535\n", grey(deep[40:64, 60:92]))
    write_netpbm("tiny.pam", "P7\nWIDTH 32\nHEIGHT 24\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\n"
                 "ENDHDR\n", numpy.dstack([tiny, tiny_alpha]))


def write_arrays():
    random = numpy.random.default_rng(2)
    t = numpy.arange(4096) / 4096
    tones = numpy.sin(2 * numpy.pi * 440 * t) + 0.5 * numpy.sin(2 * numpy.pi * 1000 * t)
    numpy.save("samples.npy", tones + 0.3 * random.standard_normal(4096))
    numpy.save("a.npy", random.standard_normal((96, 64), dtype=numpy.float32))
    numpy.save("b.npy", random.standard_normal((64, 80), dtype=numpy.float32))


if __name__ == "__main__":
    os.chdir(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)))
    write_pictures(develop(render()))
    write_arrays()
