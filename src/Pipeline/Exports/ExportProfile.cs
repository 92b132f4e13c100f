using VmDataset.Pipeline.Jobs;

namespace VmDataset.Pipeline.Exports;

/// <summary>A form in which a trainer, or another program, reads a dataset.</summary>
/// <param name="Name">As a request names it.</param>
/// <param name="Format">The output format of the jobs that it can be made of.</param>
/// <param name="TakesBasePath">Whether its files name the folder of the dataset: its program reads paths relative to where it is run.</param>
/// <param name="Usage">What its program is told; <c>FOLDER</c> is the dataset's folder, <c>EXPORT</c> the export's below it.</param>
public sealed record ExportProfile(string Name, OutputFormat Format, bool TakesBasePath, string Usage)
{
    public const string DiffSynth = "diffsynth";
    public const string VideoXFun = "videox-fun";
    public const string Finetrainers = "finetrainers";
    public const string MusubiTuner = "musubi-tuner";

    /// <summary>All of them, in the order of the documents.</summary>
    public static IReadOnlyList<ExportProfile> All { get; } =
    [
        new(DiffSynth, OutputFormat.Files, false,
            "accelerate launch examples/wanvideo/model_training/train.py --dataset_base_path FOLDER --dataset_metadata_path FOLDER/EXPORT/metadata.jsonl --data_file_keys video --extra_inputs input_image"),
        new(VideoXFun, OutputFormat.Files, false,
            "accelerate launch scripts/wan2.2/train_lora.py --train_data_dir=FOLDER --train_data_meta=FOLDER/EXPORT/metadata.json"),
        new(Finetrainers, OutputFormat.Files, false,
            "python train.py --dataset_config datasets.json, where datasets.json has \"data_root\": \"FOLDER/EXPORT\", \"dataset_type\": \"video\""),
        new(MusubiTuner, OutputFormat.Files, true,
            "python wan_cache_latents.py --dataset_config FOLDER/EXPORT/dataset.toml"),
    ];

    public static ExportProfile? Find(string name) => All.FirstOrDefault(each => each.Name == name);
}
