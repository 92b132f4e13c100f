namespace VmDataset.Pipeline.Videos;

/// <summary>A trainer's usual video and its rules. <c>docs/videos.md</c> has the same table with the sources.</summary>
/// <param name="Side">What width and height must be multiples of.</param>
/// <param name="Step">Frames must be a multiple of it and one more.</param>
public sealed record VideoPreset(string Name, int Width, int Height, int Frames, int Fps, int Side, int Step)
{
    // Wan: WanVideoPipeline of DiffSynth-Studio divides sides by 16 and (frames - 1) by 4; its 5B model's VAE halves the sides once more.
    // VBVR: the sizes that its trainers' configurations name. Hunyuan: diffusers' pipeline checks sides by 16, its VAE takes 4 frames
    // at a time; 24 frames a second as musubi-tuner has it. LTX: the model card, "divisible by 32 ... divisible by 8 + 1".
    // CogVideoX: sides divisible by 32; diffusers' pipeline takes a multiple of 4 frames and one more.
    public static IReadOnlyList<VideoPreset> All { get; } =
    [
        new("wan2.1", 832, 480, 81, 16, 16, 4),
        new("wan2.2", 832, 480, 81, 16, 16, 4),
        new("wan2.2-5b", 1_280, 704, 121, 24, 32, 4),
        new("vbvr-wan2.2", 384, 384, 209, 16, 16, 4),
        new("vbvr-pro", 512, 512, 201, 16, 16, 4),
        new("vbvr-rl", 512, 512, 81, 16, 32, 4),
        new("hunyuan", 1_280, 720, 129, 24, 16, 4),
        new("ltx", 704, 512, 161, 25, 32, 8),
        new("cogvideox", 736, 480, 49, 8, 32, 4),
    ];

    /// <summary>Every name, in one line.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(static preset => preset.Name));

    public static VideoPreset? Find(string name) => All.FirstOrDefault(preset => preset.Name == name);
}
