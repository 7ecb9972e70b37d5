#!/usr/bin/env python3
"""Makes data/geo/outlines.json, the country outlines that are shipped, from Natural Earth 1:50m as the npm package
world-atlas has it (`npm pack world-atlas@2.0.2`, then unpack):

    tools/geo/outlines.py package/countries-50m.json > data/geo/outlines.json

Kept is what lies in the European map's frame or in one of its insets. Countries have Eurostat's codes; those that
Eurostat's regional statistics do not cover keep two letters of ISO 3166 and are drawn as neutral land. Natural Earth
shows who controls a territory. The European statistical maps do not: all of Cyprus is one area, and Crimea is part of
Ukraine. Åland is part of Finland, as in NUTS. Coordinates are rounded to 0.01 degree; the same input gives the same bytes.
"""

import json
import sys

# ISO 3166 numeric -> code.
CODES = {
    "008": "AL", "012": "DZ", "020": "AD", "031": "AZ", "040": "AT", "051": "AM", "056": "BE", "070": "BA", "100": "BG",
    "112": "BY", "191": "HR", "196": "CY", "203": "CZ", "208": "DK", "233": "EE", "234": "FO", "246": "FI", "248": "FI",
    "250": "FR", "268": "GE", "275": "PS", "276": "DE", "300": "EL", "304": "GL", "336": "VA", "348": "HU", "352": "IS",
    "364": "IR", "368": "IQ", "372": "IE", "376": "IL", "380": "IT", "398": "KZ", "400": "JO", "422": "LB", "428": "LV",
    "434": "LY", "438": "LI", "440": "LT", "442": "LU", "470": "MT", "492": "MC", "498": "MD", "499": "ME", "504": "MA",
    "528": "NL", "578": "NO", "616": "PL", "620": "PT", "642": "RO", "643": "RU", "674": "SM", "682": "SA", "688": "RS",
    "703": "SK", "705": "SI", "724": "ES", "732": "EH", "752": "SE", "756": "CH", "760": "SY", "788": "TN", "792": "TR",
    "804": "UA", "807": "MK", "818": "EG", "826": "UK", "831": "GG", "832": "JE", "833": "IM",
}
BY_NAME = {"Kosovo": "XK", "N. Cyprus": "CY"}
NAMES = {"CY": "Cyprus", "FI": "Finland", "MK": "North Macedonia", "UK": "United Kingdom", "EL": "Greece"}
WINDOW = (-26.0, 27.0, 46.0, 74.0)
# Where the outermost regions lie, and which countries may have land there.
INSETS = [
    ("ES", (-19.0, 27.0, -13.0, 30.0)),
    ("PT", (-32.0, 36.5, -24.5, 40.0)),
    ("PT", (-17.6, 32.2, -16.0, 33.3)),
    ("FR", (-62.0, 15.6, -60.8, 16.7)),
    ("FR", (-61.5, 14.2, -60.6, 15.0)),
    ("FR", (-55.0, 1.8, -51.0, 6.0)),
    ("FR", (55.0, -21.6, 56.0, -20.7)),
    ("FR", (44.9, -13.2, 45.4, -12.5)),
]
CRIMEA = (34.3, 45.2)
INSIDE, OUTSIDE = 0.022, 3.0


def main(path):
    atlas = json.load(open(path, encoding="utf-8"))
    scale, shift = atlas["transform"]["scale"], atlas["transform"]["translate"]
    arcs = [absolute(arc, scale, shift) for arc in atlas["arcs"]]
    countries = {}
    for shape in atlas["objects"]["countries"]["geometries"]:
        name = shape["properties"]["name"]
        code = CODES.get(shape.get("id")) or BY_NAME.get(name)
        if code is None or not shape.get("arcs"):
            continue
        polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
        for polygon in polygons:
            ring = joined(polygon[0], arcs)
            if not wanted(code, ring):
                continue
            owner = "UA" if code == "RU" and contains(ring, CRIMEA) else code
            countries.setdefault(owner, ["", []])[1].append(polygon)
        if code in countries:
            countries[code][0] = NAMES.get(code, name)
    used = {}
    simple = {}
    for _, polygons in countries.values():
        for reference in (arc for polygon in polygons for ring in polygon for arc in ring):
            used.setdefault(plain(reference), None)
    for number in sorted(used):
        simple[number] = rounded(simplified(arcs[number]))
    order = {number: index for index, number in enumerate(sorted(used))}
    geometries = []
    for code in sorted(countries):
        name, polygons = countries[code]
        kept = [polygon for polygon in polygons if area(polygon[0], simple) > 0] or polygons[:1]
        renumber = lambda arc: order[arc] if arc >= 0 else ~order[~arc]
        kept = [[[renumber(arc) for arc in ring] for ring in polygon] for polygon in kept]
        geometries.append({"type": "MultiPolygon", "id": code, "properties": {"name": name}, "arcs": kept})
    out = {
        "type": "Topology",
        "source": "Natural Earth 1:50m (public domain), version 4.1.0, from the npm package world-atlas 2.0.2; made by tools/geo/outlines.py",
        "transform": {"scale": [0.01, 0.01], "translate": [0, 0]},
        "objects": {"countries": {"type": "GeometryCollection", "geometries": geometries}},
        "arcs": [delta(simple[number]) for number in sorted(used)],
    }
    json.dump(out, sys.stdout, ensure_ascii=False, separators=(",", ":"))
    print()


def plain(reference):
    return reference if reference >= 0 else ~reference


def absolute(arc, scale, shift):
    x = y = 0
    points = []
    for dx, dy in arc:
        x, y = x + dx, y + dy
        points.append((x * scale[0] + shift[0], y * scale[1] + shift[1]))
    return points


def joined(ring, arcs):
    points = []
    for reference in ring:
        arc = arcs[plain(reference)]
        points.extend((arc if reference >= 0 else arc[::-1])[:-1])
    return points


def inside(point, box):
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def wanted(code, ring):
    boxes = [WINDOW] + [box for country, box in INSETS if country == code]
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    meets = lambda box: min(xs) <= box[2] and max(xs) >= box[0] and min(ys) <= box[3] and max(ys) >= box[1]
    # A ring around the pole or across the date line has a box that meets everything: one of its points must be near.
    return any(meets(box) and (any(inside(point, box) for point in ring) or contains(ring, ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2))) for box in boxes)


def contains(ring, point):
    x, y = point
    odd = False
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1]):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            odd = not odd
    return odd


def area(ring, arcs):
    points = joined(ring, arcs)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(points, points[1:] + points[:1])))


def simplified(points):
    """Douglas-Peucker; far outside the window a coarse line is enough."""
    keep = {0, len(points) - 1}
    if points[0] == points[-1] and len(points) > 3:
        far = max(range(len(points)), key=lambda i: distance(points[i], points[0], points[0]))
        keep.add(far)
        keep.add(max(range(len(points)), key=lambda i: distance(points[i], points[0], points[far])))
    marks = sorted(keep)
    stack = list(zip(marks, marks[1:]))
    while stack:
        first, last = stack.pop()
        if last - first < 2:
            continue
        def excess(i):
            near = inside(points[i], (WINDOW[0] - 8, WINDOW[1] - 4, WINDOW[2] + 4, WINDOW[3] + 3)) or any(inside(points[i], box) for _, box in INSETS)
            return distance(points[i], points[first], points[last]) / (INSIDE if near else OUTSIDE)
        worst = max(range(first + 1, last), key=excess)
        if excess(worst) > 1:
            keep.add(worst)
            stack += [(first, worst), (worst, last)]
    return [points[i] for i in sorted(keep)]


def distance(point, a, b):
    # A degree of longitude is about half of one of latitude here.
    px, py = (point[0] - a[0]) * 0.6, point[1] - a[1]
    bx, by = (b[0] - a[0]) * 0.6, b[1] - a[1]
    length = bx * bx + by * by
    t = max(0, min(1, (px * bx + py * by) / length)) if length else 0
    return ((px - t * bx) ** 2 + (py - t * by) ** 2) ** 0.5


def rounded(points):
    out = []
    for x, y in points:
        point = (round(x * 100), round(y * 100))
        if not out or out[-1] != point:
            out.append(point)
    return out if len(out) > 1 else out * 2


def delta(points):
    out, before = [], (0, 0)
    for point in points:
        out.append([point[0] - before[0], point[1] - before[1]])
        before = point
    return out


main(sys.argv[1])
