using VmDataset.Pipeline.Jobs;

namespace VmDataset.Pipeline.Exports;

/// <summary>A form in which a trainer, or another program, reads a dataset.</summary>
/// <param name="Name">As a request names it.</param>
/// <param name="Format">The output format of the jobs that it can be made of; null for any.</param>
/// <param name="TakesBasePath">Whether its files name the dataset's folder, as its program reads paths relative to where it is
/// run.</param>
/// <param name="Usage">What its program is told; <c>FOLDER</c> is the dataset's folder, <c>EXPORT</c> the export's below it, <c>PART</c>
/// the part of the shards that a reader takes together.</param>
public sealed record ExportProfile(string Name, OutputFormat? Format, bool TakesBasePath, string Usage)
{
    public const string DiffSynth = "diffsynth";
    public const string VideoXFun = "videox-fun";
    public const string Finetrainers = "finetrainers";
    public const string MusubiTuner = "musubi-tuner";
    public const string VbvrWan = "vbvr-wan2.2";
    public const string VbvrRl = "vbvr-rl";
    public const string VbvrDataset = "vbvr-dataset";
    public const string DiffusionPipe = "diffusion-pipe";
    public const string VbvrEvalKit = "vbvr-evalkit";
    public const string VbvrInferKit = "vbvr-inferkit";
    public const string WebDataset = "webdataset";
    public const string Mds = "mds";

    /// <summary>What it is for, in a few words.</summary>
    public required string Purpose { get; init; }

    /// <summary>Bytes of its shards where a request does not say, if it copies the samples into shards; null if it names their
    /// files.</summary>
    public long? ShardBytes { get; private init; }

    /// <summary>All of them, in the order of the documents.</summary>
    public static IReadOnlyList<ExportProfile> All { get; } =
    [
        new(DiffSynth, OutputFormat.Files, false,
            "accelerate launch examples/wanvideo/model_training/train.py --dataset_base_path FOLDER --dataset_metadata_path FOLDER/EXPORT/metadata.jsonl --data_file_keys video --extra_inputs input_image")
        {
            Purpose = "Training with DiffSynth-Studio",
        },
        new(VideoXFun, OutputFormat.Files, false,
            "accelerate launch scripts/wan2.2/train_lora.py --train_data_dir=FOLDER --train_data_meta=FOLDER/EXPORT/metadata.json")
        {
            Purpose = "Training with VideoX-Fun",
        },
        new(Finetrainers, OutputFormat.Files, false,
            "python train.py --dataset_config datasets.json, where datasets.json has \"data_root\": \"FOLDER/EXPORT\", \"dataset_type\": \"video\"")
        {
            Purpose = "Training with finetrainers",
        },
        new(MusubiTuner, OutputFormat.Files, true,
            "python wan_cache_latents.py --dataset_config FOLDER/EXPORT/dataset.toml")
        {
            Purpose = "Training with musubi-tuner",
        },
        new(VbvrWan, OutputFormat.Files, true,
            "accelerate launch examples/wanvideo/model_training/train.py --dataset_config_path FOLDER/EXPORT/dataset.json --data_file_keys clip_path --extra_inputs input_image")
        {
            Purpose = "Training with VBVR-Wan2.2",
        },
        new(VbvrRl, OutputFormat.Files, false, "dataset_json: FOLDER/EXPORT/dataset.json, in the configuration of the training")
        {
            Purpose = "Reinforcement learning with vbvr-rl",
        },
        new(VbvrDataset, OutputFormat.WebDataset, false,
            "python3 FOLDER/EXPORT/link.py && python scripts/precompute/vbvr_latents.py --metadata FOLDER/EXPORT/data/metadata.parquet --tar_dir FOLDER/EXPORT/tars")
        {
            Purpose = "Programs that read the VBVR-Dataset",
        },
        new(DiffusionPipe, OutputFormat.Files, true,
            "python3 FOLDER/EXPORT/link.py, then dataset = 'FOLDER/EXPORT/dataset.toml' in the configuration of the training")
        {
            Purpose = "Training with diffusion-pipe",
        },
        new(VbvrEvalKit, OutputFormat.Files, false,
            "python3 FOLDER/EXPORT/link.py && python run_evaluation.py --model_path MODEL_OUTPUTS --gt_base FOLDER/EXPORT")
        {
            Purpose = "Evaluation of a model's videos with VBVR-EvalKit",
        },
        new(VbvrInferKit, OutputFormat.Files, false,
            "python3 FOLDER/EXPORT/link.py && python examples/generate_videos.py --questions-dir FOLDER/EXPORT/questions")
        {
            Purpose = "Questions for models in VBVR-InferKit and VMEvalKit",
        },
        new(WebDataset, null, false, "webdataset.WebDataset(sorted(glob.glob('FOLDER/EXPORT/PART*.tar')), shardshuffle=100).shuffle(1000).decode()")
        {
            Purpose = "Copies of the samples in shuffled tars, for loaders of WebDataset",
            ShardBytes = 256L << 20,
        },
        new(Mds, null, false, "streaming.StreamingDataset(local='FOLDER/EXPORT/PART', shuffle=True, batch_size=8)")
        {
            Purpose = "Copies of the samples in shuffled shards, for MosaicML Streaming",
            ShardBytes = 64L << 20,
        },
    ];

    /// <summary>Whether it can be made of a job whose samples lie in this format.</summary>
    public bool Takes(OutputFormat format) => Format is null || Format == format;

    public static ExportProfile? Find(string name) => All.FirstOrDefault(each => each.Name == name);
}
