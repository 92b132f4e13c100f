"""Reads a dataset as trainers do: each function follows the loader that it names, as far as the loader finds videos and prompts.

All return a list of (prompt, path of the video), in the loader's order, and fail where the loader would.
"""

import json
import os
import pathlib
import tomllib

VIDEO_EXTENSIONS = ("mp4", "avi", "mov", "wmv", "mkv", "flv", "webm")


def diffsynth(base_path: str, metadata_path: str) -> list:
    """modelscope/DiffSynth-Studio at fed7b18: diffsynth/core/data/unified_dataset.py (load_metadata), operators.py (ToAbsolutePath)."""
    assert metadata_path.endswith(".jsonl")
    with open(metadata_path, "r", encoding="ascii") as lines:  # The loader names no encoding: the machine's has to do.
        data = [json.loads(line.strip()) for line in lines]
    assert all(row["video"].lower().endswith(VIDEO_EXTENSIONS) for row in data)
    return [(row["prompt"], os.path.join(base_path, row["video"])) for row in data]


def videox_fun(ann_path: str, data_root: str) -> list:
    """aigc-apps/VideoX-Fun at 804a425: videox_fun/data/dataset_image_video.py (ImageVideoDataset)."""
    assert ann_path.endswith(".json")
    with open(ann_path, encoding="ascii") as text:
        dataset = json.load(text)
    assert all(each.get("type", "image") == "video" for each in dataset)
    return [(each["text"], os.path.join(data_root, each["file_path"])) for each in dataset]


def finetrainers(root: pathlib.Path) -> list:
    """a-r-r-o-w/finetrainers at f476c37: finetrainers/data/dataset.py (_initialize_local_dataset, VideoFileCaptionFileListDataset)."""
    assert not [name for name in ("metadata.json", "metadata.jsonl", "metadata.csv") if (root / name).exists()], "taken for a videofolder"
    assert not [file for file in root.rglob("*") if file.is_file() and file.suffix in (".tar", ".parquet")], "taken for webdataset"
    for caption_file in root.glob("*.txt"):
        assert not [each for each in VIDEO_EXTENSIONS if caption_file.with_suffix(f".{each}").exists()], "taken for pairs"
    caption_files = [each for each in ("caption.txt", "captions.txt", "prompt.txt", "prompts.txt") if (root / each).exists()]
    video_files = [each for each in ("video.txt", "videos.txt") if (root / each).exists()]
    assert len(caption_files) == 1 and len(video_files) == 1
    captions = (root / caption_files[0]).read_text(encoding="utf-8").splitlines()
    videos = [(root / video).as_posix() for video in (root / video_files[0]).read_text(encoding="utf-8").splitlines()]
    assert len(captions) == len(videos)
    return list(zip(captions, videos))


def musubi_tuner(config: pathlib.Path) -> list:
    """kohya-ss/musubi-tuner at 30c658c: src/musubi_tuner/dataset/config_utils.py (ConfigSanitizer), datasources.py (VideoJsonlDatasource)."""
    user_config = tomllib.loads(config.read_text(encoding="utf-8"))
    general = {"caption_extension", "batch_size", "num_repeats", "resolution", "enable_bucket", "bucket_no_upscale"}
    video = {"video_jsonl_file", "target_frames", "frame_extraction", "max_frames", "cache_directory", "source_fps"}
    assert set(user_config) == {"general", "datasets"} and set(user_config["general"]) <= general
    found = []
    for dataset in user_config["datasets"]:
        assert set(dataset) <= general | video
        with open(dataset["video_jsonl_file"], "r", encoding="utf-8") as lines:
            found += [(row["caption"], row["video_path"]) for row in map(json.loads, lines)]
    return found


def vbvr_wan(config_path: str, data_file_keys: str) -> list:
    """hlillemark/VBVR-Wan2.2 at 1b3068d: examples/wanvideo/model_training/train.py (create_dataset_from_config), unified_dataset.py."""
    with open(config_path, "r", encoding="ascii") as text:
        config = json.load(text)
    found = []
    for info in config.values():
        assert info["annotation"].endswith(".json")
        with open(info["annotation"], "r", encoding="ascii") as text:
            found += [(row["text_annot"], os.path.join(info["root"], row[data_file_keys])) for row in json.load(text)]
    return found


def diffusion_pipe(config: pathlib.Path) -> list:
    """tdrussell/diffusion-pipe at 8f83dbf: utils/dataset.py (DirectoryDataset: every file of the directory but some is a picture or video)."""
    found = []
    for directory in tomllib.loads(config.read_text(encoding="utf-8"))["directory"]:
        path = pathlib.Path(directory["path"])
        assert path.is_dir()
        with open(path / "captions.json", encoding="ascii") as text:
            caption_data = json.load(text)
        for file in sorted(path.glob("*")):
            if not file.is_file() or file.suffix in (".txt", ".npz", ".json", ".parquet", ".bak", ".db"):
                continue
            captions = caption_data[file.name]
            assert isinstance(captions, list)
            found.append((captions[0], str(file)))
    return found


def vbvr_evalkit(gt_base_path: str, task_name: str, count: int) -> list:
    """Video-Reason/VBVR-EvalKit at 275472f: run_evaluation.py (find_gt_info)."""
    found = []
    for video_idx in range(count):
        folder = os.path.join(gt_base_path, "In-Domain_50", task_name, f"{video_idx:05d}")
        for name in ("ground_truth.mp4", "first_frame.png", "final_frame.png", "prompt.txt"):
            assert os.path.exists(os.path.join(folder, name)), (folder, name)
        with open(os.path.join(folder, "prompt.txt"), "r", encoding="utf-8") as text:
            found.append((text.read().strip(), os.path.join(folder, "ground_truth.mp4")))
    return found


def vbvr_inferkit(questions_dir: pathlib.Path) -> list:
    """Video-Reason/VBVR-InferKit at 5de6fb1: examples/generate_videos.py (discover_all_tasks_from_folders)."""
    found = []
    for domain_dir in sorted(questions_dir.iterdir()):
        for task_dir in sorted(domain_dir.iterdir()):
            assert task_dir.is_dir() and (task_dir / "prompt.txt").exists() and (task_dir / "first_frame.png").exists(), task_dir
            found.append(((task_dir / "prompt.txt").read_text(encoding="utf-8").strip(), str(task_dir / "ground_truth.mp4")))
    return found
