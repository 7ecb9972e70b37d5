"""Makes the WOFF2 subsets that the HTML report embeds from the unmodified TTFs in this folder.

    pip install fonttools brotli
    python subset.py

The family is renamed: the OFL reserves the name 'Source' for the unmodified fonts.
"""
from fontTools import subset
from fontTools.ttLib import TTFont

RANGES = [
    (0x20, 0x7E), (0xA0, 0x17F), (0x180, 0x24F), (0x2B0, 0x2FF), (0x300, 0x30C), (0x326, 0x328),
    (0x370, 0x3FF), (0x1E80, 0x1E9E), (0x2000, 0x206F), (0x2070, 0x208E), (0x20AC, 0x20AC),
    (0x2116, 0x2122), (0x2190, 0x2199), (0x2200, 0x22FF), (0x25A0, 0x25FF), (0x2713, 0x2717),
]
WANTED = [code for low, high in RANGES for code in range(low, high + 1)]

for name, style in (("Regular", "Regular"), ("SemiBold", "SemiBold"), ("Italic", "Italic")):
    options = subset.Options()
    options.layout_features = ["kern", "mark", "mkmk", "ccmp", "locl", "tnum", "lnum"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14, 16, 17]
    options.recalc_timestamp = False
    options.hinting = False
    font = TTFont(f"SourceSans3-{name}.ttf", recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=WANTED)
    subsetter.subset(font)
    for record in font["name"].names:
        text = {
            1: "Baseline Sans" if style != "SemiBold" else "Baseline Sans SemiBold",
            2: "Italic" if style == "Italic" else "Regular",
            3: f"BaselineSans-{style}",
            4: f"Baseline Sans {style}",
            6: f"BaselineSans-{style}",
            16: "Baseline Sans",
            17: style,
        }.get(record.nameID)
        if text is not None:
            record.string = text
    font.flavor = "woff2"
    font.save(f"BaselineSans-{name}.woff2")
