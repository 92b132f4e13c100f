namespace VmDataset.Pipeline.Telemetry;

/// <summary>Names of attributes: OpenTelemetry's messaging conventions, and our own.</summary>
public static class Attributes
{
    public const string System = "messaging.system";
    public const string Destination = "messaging.destination.name";
    public const string OperationName = "messaging.operation.name";
    public const string OperationType = "messaging.operation.type";
    public const string MessageCount = "messaging.batch.message_count";
    public const string ErrorType = "error.type";

    public const string JobId = "vm_dataset.job_id";
    public const string Generator = "vm_dataset.generator";
    public const string StartIndex = "vm_dataset.start_index";
    public const string NumSamples = "vm_dataset.num_samples";
    public const string Attempt = "vm_dataset.attempt";
    public const string ReceiveCount = "vm_dataset.receive_count";
    public const string Done = "vm_dataset.samples_done";
    public const string Failed = "vm_dataset.samples_failed";
    public const string HandedOver = "vm_dataset.samples_handed_over";
    public const string Outcome = "vm_dataset.outcome";
    public const string State = "vm_dataset.state";
}
