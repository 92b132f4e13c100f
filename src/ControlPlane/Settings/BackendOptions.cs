using System.Runtime.Serialization;

namespace VmDataset.ControlPlane.Settings;

/// <summary>The facts about the process that several features depend on.</summary>
public sealed record BackendOptions
{
    /// <summary>What queues and stores: <c>Local</c> does both in a folder, <c>Aws</c> with SQS and S3.</summary>
    [Setting]
    public BackendKind Engine { get; init; } = BackendKind.Local;

    /// <summary>Whether Lambda runs this process: nothing of it runs between two requests.</summary>
    [Presence(Name = "AWS_LAMBDA_FUNCTION_NAME")]
    public bool OnLambda { get; init; }
}

/// <summary>The backend: queue, store and workers.</summary>
[DataContract(Name = "EngineKind")]
public enum BackendKind
{
    /// <summary>SQLite queue, file-system store and worker in this process.</summary>
    Local,

    /// <summary>SQS queue, S3 bucket, workers elsewhere.</summary>
    Aws,
}

[OptionsValidator]
internal sealed partial class BackendOptionsValidator : IValidateOptions<BackendOptions>;
