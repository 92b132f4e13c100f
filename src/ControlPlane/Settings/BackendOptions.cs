using System.Runtime.Serialization;
using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Webhooks;
using VmDataset.Pipeline.Aws;
using VmDataset.Worker.Options;

namespace VmDataset.ControlPlane.Settings;

/// <summary>
/// The settings, from the command line (<c>--Port 9000</c>) or the environment (<c>PORT=9000</c>,
/// <c>DATA_DIR=…</c>: the same names in upper case, words parted by <c>_</c>). All have working defaults.
/// </summary>
public sealed record BackendOptions
{
    /// <summary>What queues and stores: <c>Local</c> does both in <see cref="DataDir"/>, <c>Aws</c> with SQS and S3.</summary>
    public BackendKind Engine { get; init; } = BackendKind.Local;

    /// <summary>The folder that holds everything the local engine keeps (<c>DATA_DIR</c>); made if it is not there.</summary>
    public string DataDir { get; init; } = "data";

    /// <summary>The folder of generators (<c>GENERATORS_DIR</c>); it must exist where there is no index.</summary>
    public string GeneratorsDir { get; init; } = "generators";

    /// <summary>A file that tells of the generators where their folder is not (<c>GENERATORS_INDEX</c>); null reads the folder.</summary>
    public string? GeneratorsIndex { get; init; }

    /// <summary>TCP port on 127.0.0.1, 0 to 65,535; 0 takes any free one. ASP.NET Core's own address settings go before it.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>
    /// Whether this process also draws samples (<c>EMBEDDED_WORKER</c>); if not, its jobs wait on the queue for other workers.
    /// True by default on the local engine alone.
    /// </summary>
    public bool EmbeddedWorker { get; init; } = true;

    /// <summary>The embedded worker's settings, set like these.</summary>
    public WorkerSettings Worker { get; init; } = new();

    /// <summary>Log, telemetry and stop of this process, set like these.</summary>
    public HostSettings Host { get; init; } = new();

    /// <summary>The Lambda function that works on the queue, for its CloudWatch figures (<c>WORKER_FUNCTION_NAME</c>); null if there is none.</summary>
    public string? WorkerFunctionName { get; init; }

    /// <summary>Whether Lambda runs this process (<c>AWS_LAMBDA_FUNCTION_NAME</c>): nothing of it runs between two requests.</summary>
    public bool OnLambda { get; init; }

    /// <summary>Who is let in.</summary>
    public AccessOptions Access { get; init; } = new();

    /// <summary>How ends of jobs are told to those who asked for it.</summary>
    public WebhookOptions Webhooks { get; init; } = new();

    /// <summary>Set exactly when <see cref="Engine"/> is <see cref="BackendKind.Aws"/>.</summary>
    public AwsOptions? Aws { get; init; }
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
