"""The pixels of a sample's stills, kept as the generator saves them with Pillow (still_capture.py).

To decode its two PNG files would be most of what conforming a short sample takes. What is kept says of which bytes it is
the picture, so a file that has other bytes by then is decoded. It comes from the generator's process, so nothing of it is
believed unchecked; at worst it misrepresents that generator's own pictures.
"""

import hashlib
import json

from .frame_store import LIMIT, NOTES

STILLS = ("first_frame.png", "final_frame.png")
LARGEST = 8 << 20  # bytes of a file, which is to have fewer
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST = 8192       # pixels a side


class CapturedStills:
    """store: where pixels lie; sample: number of the lane's sample; stills: {digest of a file: [offset, width, height]}. The
    pixels of a still are height x width x 3 bytes, RGB."""

    def __init__(self, store, sample, stills=()):
        self._store, self._sample, self._stills = store, sample, dict(stills)

    def __bool__(self):
        return bool(self._stills)

    def add(self, data, pixels, size):
        """data: the file's bytes; pixels: the picture's; size: (width, height). Raises OSError."""
        offset = self._store.append(pixels)
        if offset is None or len(data) == LARGEST:
            return
        self._stills[_digest(data)] = [offset, *size]
        note = json.dumps({"sample": self._sample, "stills": self._stills}, separators=(",", ":")).encode()
        if len(note) <= NOTES:
            self._store.note(note)

    @classmethod
    def of(cls, store, sample):
        """Those of a sample that the store holds; none without a store. Raises OSError."""
        try:
            noted = json.loads(store.noted()) if store is not None else {"sample": None}
            if sample is not None and noted["sample"] == sample:
                return cls(store, sample, noted["stills"])
        except (ValueError, TypeError, KeyError, RecursionError):
            pass  # none was saved, or the generator's process wrote something else
        return cls(store, sample)

    def read(self, data):
        """The picture of a file with these bytes, an array of height x width x 3, BGR, 0 to 255; None if it is not kept."""
        import cv2
        import numpy
        found = self._stills.get(_digest(data)) if data.startswith(_SIGNATURE) and len(data) < LARGEST else None
        if not (isinstance(found, list) and len(found) == 3 and all(type(number) is int for number in found)):
            return None
        offset, width, height = found
        if not (0 < width <= _MOST and 0 < height <= _MOST and 0 <= offset < LIMIT):
            return None
        picture = numpy.empty((height, width, 3), numpy.uint8)
        try:
            self._store.read(offset, picture.reshape(-1).data)
        except OSError:
            return None
        return cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)


def _digest(data):
    return hashlib.blake2b(data, digest_size=16).hexdigest()
