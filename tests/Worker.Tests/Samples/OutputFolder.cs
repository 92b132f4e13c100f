using System.Diagnostics;
using VmDataset.Pipeline.Jobs;
using VmDataset.Worker.Files;
using VmDataset.Worker.Samples;

namespace VmDataset.Worker.Tests.Samples;

/// <summary>A generator's output with one valid sample, to be spoilt.</summary>
internal sealed class OutputFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public OutputFolder()
    {
        Directory.CreateDirectory(Sample);
        File.WriteAllBytes(PathOf("first_frame.png"), TestPng.Make(8, 8));
        File.WriteAllText(PathOf("prompt.txt"), "Mate in 1.");
        File.WriteAllText(PathOf("metadata.json"), """{"task_id": "chess_0000"}""");
    }

    public string Work => _folder.Combine("work");

    public string Sample => _folder.Combine("work", "out", "chess_task", "chess_0000");

    public string PathOf(string file) => Path.Combine(Sample, file);

    public string Beside(string name) => _folder.Combine(name);

    public Sample Read(long maxBytes = 1 << 20, TimeSpan? time = null, CancellationToken cancellationToken = default) =>
        new SampleOutputReader(maxBytes, time).Read(Path.Combine(Work, "out"), Work, 42, 1042, 0.1, cancellationToken);

    public void ShouldBeInvalid(string message, FailureKind kind = FailureKind.InvalidOutput)
    {
        var failure = Should.Throw<InvalidSampleException>(() => Read());
        failure.Message.ShouldContain(message, Case.Sensitive);
        failure.Kind.ShouldBe(kind);
    }

    /// <summary>Makes an empty file in the sample whose name .NET cannot write.</summary>
    public void Create(params byte[] name)
    {
        using var folder = DirectoryHandle.Open(Sample);
        LibC.CreateFile(folder.Handle, new EntryName(name).Terminated).Dispose();
    }

    /// <summary>Runs one of the system's programs.</summary>
    /// <returns>Whether it succeeded.</returns>
    public static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    public void Dispose() => Scratch.Delete(_folder.Path);
}
