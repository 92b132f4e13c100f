"""Writes a picture of 20 MB that inflates to 20 GB, for seed 1003."""

import argparse
import struct
import zlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_shared"))

import tiny_samples

parser = argparse.ArgumentParser()
parser.add_argument("--num-samples", type=int, required=True)
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--output", type=Path, default=Path("data/questions"))
asked = parser.parse_args()
for folder in tiny_samples.write(asked, "large_picture"):
    if asked.seed == 1003:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        row = packer.compress(b"\0" * 20_000_001) + packer.flush(zlib.Z_FULL_FLUSH)
        data = b"\x78\xda" + row * 1_000
        header = struct.pack(">IIBBBBB", 20_000_000, 1_000, 8, 0, 0, 0, 0)
        with open(folder / "final_frame.png", "wb") as picture:
            picture.write(b"\x89PNG\r\n\x1a\n")
            for kind, content in ((b"IHDR", header), (b"IDAT", data), (b"IEND", b"")):
                picture.write(struct.pack(">I", len(content)) + kind + content)
                picture.write(struct.pack(">I", zlib.crc32(kind + content)))
