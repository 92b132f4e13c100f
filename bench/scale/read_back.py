"""Reads the dataset of a fabricated job back: python3 read_back.py FOLDER GENERATORS SAMPLES

Standard library only, and none of the product's code. Checked are:
- the rows of the JSON-lines tables: each index of each generator once, seed, fingerprint and paths as they were fabricated;
- the checksums: those of the files that are there against their bytes, those of the samples' files (which were never made) against
  the rule by which they were fabricated, each path once;
- the Parquet tables by their magic numbers; `bench/parquet/ReadParquet.cs` reads their rows.
Ends with 1 and a line for each fault, else prints the counts.
"""

import functools
import hashlib
import json
import pathlib
import sys

SEED = 42
SAMPLE_FILES = ["final_frame.png", "first_frame.png", "ground_truth.mp4", "metadata.json", "prompt.txt"]


def generator_names(count):
    return [f"generator-{number:04d}" for number in range(count)]


@functools.lru_cache(maxsize=16)
def fabricated_hash(generator, index):
    return hashlib.sha256(f"{generator} {index}".encode()).hexdigest()


def check_rows(folder, generator, samples, faults):
    """Checks a generator's JSON-lines tables; returns the number of rows."""
    seen, rows = bytearray(samples), 0
    for table in sorted(folder.glob("metadata*.jsonl")):
        with table.open(encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                if row["generator"] != generator:
                    continue
                index, rows = row["index"], rows + 1
                if not 0 <= index < samples or seen[index]:
                    faults.append(f"{table}: index {index} is foreign or repeated")
                    continue
                seen[index] = 1
                sample = f"puzzle_task/puzzle_{index:08d}"
                video = row["file_name"].removeprefix(f"{generator}/")
                if (row["seed"], row["fingerprint"], video) != (
                        SEED + index, fabricated_hash(generator, index), f"{sample}/ground_truth.mp4"):
                    faults.append(f"{table}: the row of index {index} is wrong: {line[:300]}")
    if sum(seen) != samples:
        faults.append(f"{folder}: {samples - sum(seen)} of {samples} indices of {generator} are missing")
    return rows


def check_sums(root, path, samples_by_generator, files, faults):
    """Checks a list of checksums; returns how many are of `files`, and a bit for each file of a sample, by generator."""
    there, fabricated = 0, {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            digest, name = line.rstrip("\n").split("  ", 1)
            if name in files:
                there += 1
                with (root / name).open("rb") as content:
                    if hashlib.file_digest(content, "sha256").hexdigest() != digest:
                        faults.append(f"{path}: {name} has another checksum")
                continue
            parts = name.split("/")
            if len(parts) != 4 or parts[3] not in SAMPLE_FILES or not parts[2].startswith("puzzle_"):
                faults.append(f"{path}: {name} is not there and is no file of a sample")
                continue
            generator, index = parts[0], int(parts[2].removeprefix("puzzle_"))
            if digest != fabricated_hash(generator, index):
                faults.append(f"{path}: {name} has another checksum than was fabricated")
            bits = fabricated.setdefault(generator, bytearray(samples_by_generator))
            bit = 1 << SAMPLE_FILES.index(parts[3])
            if bits[index] & bit:
                faults.append(f"{path}: {name} stands there twice")
            bits[index] |= bit
    return there, fabricated


def main():
    root, generators, samples = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    faults, rows, there, of_samples = [], 0, 0, 0
    summed = {}
    files = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    for path in sorted(root.rglob("SHA256SUMS*")):
        found, fabricated = check_sums(root, path, samples, files, faults)
        there += found
        for generator, bits in fabricated.items():
            known = summed.setdefault(generator, bytearray(samples))
            for index, each in enumerate(bits):
                if known[index] & each:
                    faults.append(f"{path}: files of {generator} {index} stand in two lists")
                known[index] |= each
    every_file = (1 << len(SAMPLE_FILES)) - 1
    for generator in generator_names(generators):
        folder = root / generator if (root / generator).is_dir() else root
        rows += check_rows(folder, generator, samples, faults)
        bits = summed.get(generator, bytearray(samples))
        of_samples += sum(each.bit_count() for each in bits)
        if any(each != every_file for each in bits):
            faults.append(f"the checksums of {generator} lack files of samples")
    tables = sorted(root.rglob("*.parquet"))
    for table in tables:
        with table.open("rb") as content:
            head = content.read(4)
            content.seek(-4, 2)
            if (head, content.read()) != (b"PAR1", b"PAR1"):
                faults.append(f"{table} is no Parquet file")
    if not tables:
        faults.append("there is no Parquet table")
    for fault in faults[:20]:
        print(f"WRONG: {fault}")
    print(f"read back: {rows:,} rows of JSON lines, {there:,} checksums of files, {of_samples:,} of files of samples, "
          f"{len(tables)} Parquet tables; {len(faults)} faults")
    return 1 if faults or rows != generators * samples else 0


if __name__ == "__main__":
    sys.exit(main())
