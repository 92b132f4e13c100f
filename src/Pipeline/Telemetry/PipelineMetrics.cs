using System.Diagnostics.Metrics;
using VmDataset.Pipeline.Queue;

namespace VmDataset.Pipeline.Telemetry;

public static class PipelineMetrics
{
    private static readonly Counter<long> Jobs = Instrumentation.Meter.CreateCounter<long>("vm_dataset.jobs", "{job}", "Jobs accepted.");

    private static readonly Counter<long> Messages =
        Instrumentation.Meter.CreateCounter<long>("messaging.client.sent.messages", "{message}",
            "Messages put on the queue, those that go on from a worker included.");

    public static void JobAccepted() => Jobs.Add(1);

    public static void Sent(QueueName queue, int messages) => Messages.Add(messages,
        new(Attributes.System, queue.System), new(Attributes.Destination, queue.Name), new(Attributes.OperationName, "send"));
}
