"""Reads shards that hold copies of samples: each function follows the reader that it names.

Both yield (key, files): the key of a sample and its files or columns by their names.
"""

import hashlib
import json
import pathlib
import re
import struct
import tarfile


def webdataset(tars: list):
    """webdataset/webdataset at e0953f9: src/webdataset/tariterators.py (base_plus_ext, group_by_keys)."""
    for path in tars:
        current, files = None, {}
        with tarfile.open(path, mode="r|") as stream:
            for member in stream:
                match = re.match(r"^((?:.*/|)[^.]+)[.]([^/]*)$", member.name)
                assert member.isreg() and match, member.name
                key, suffix = match.group(1), match.group(2).lower()
                if key != current:
                    if files:
                        yield current, files
                    current, files = key, {}
                assert suffix not in files, f"duplicate file name in tar: {member.name}"
                files[suffix] = stream.extractfile(member).read()
        if files:
            yield current, files


def mds(folder: pathlib.Path):
    """mosaicml/streaming at 89e7bb9: streaming/base/format/mds/reader.py (MDSReader), encodings.py (Bytes, Str, Int)."""
    decoders = {"bytes": bytes, "str": lambda data: data.decode("utf-8"), "int": lambda data: struct.unpack("<q", data)[0]}
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    assert index["version"] == 2
    for shard in index["shards"]:
        assert shard["version"] == 2 and shard["format"] == "mds" and shard["zip_data"] is None and shard["compression"] is None
        data = (folder / shard["raw_data"]["basename"]).read_bytes()
        assert len(data) == shard["raw_data"]["bytes"] <= shard["size_limit"]
        assert hashlib.sha256(data).hexdigest() == shard["raw_data"]["hashes"]["sha256"]
        columns = list(zip(shard["column_names"], shard["column_encodings"], shard["column_sizes"]))
        for number in range(shard["samples"]):
            begin, end = struct.unpack_from("<II", data, (1 + number) * 4)
            sample = data[begin:end]
            assert sample
            at, sizes = 0, []
            for _, _, size in columns:
                if not size:
                    size, = struct.unpack_from("<I", sample, at)
                    at += 4
                sizes.append(size)
            row = {}
            for (name, encoding, _), size in zip(columns, sizes):
                row[name] = decoders[encoding](sample[at:at + size])
                at += size
            assert at == len(sample)
            yield f"{row['generator']}/{row['index']}", row
