using System.Text.Json;
using VmDataset.Pipeline.Aws;
using VmDataset.Tests.Aws;

namespace VmDataset.EndToEnd.Tests.Aws;

public class StackTests
{
    [Fact]
    public async Task The_outputs_of_the_stack_drive_a_job()
    {
        var emulator = await AwsEmulator.GetAsync();
        var name = $"stack-{Guid.NewGuid():N}"[..16];
        // The emulator knows no outputs of a stack made by 'deploy', which goes by way of a change set.
        await emulator.CliAsync("cloudformation", "create-stack", "--stack-name", name, "--capabilities", "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM",
            "--template-body", "file://" + Path.Combine(Server.Metadata("Repository"), "infra", "template.yaml"), "--parameters",
            $"ParameterKey=QueueName,ParameterValue={name}-tasks", $"ParameterKey=DlqName,ParameterValue={name}-dlq", $"ParameterKey=BucketName,ParameterValue={name}");
        var described = JsonElement.Parse(await emulator.CliAsync("cloudformation", "describe-stacks", "--stack-name", name));
        var outputs = described.At("Stacks[0].Outputs").EnumerateArray()
            .ToDictionary(static output => output.GetProperty("OutputKey").GetString()!, static output => output.GetProperty("OutputValue").GetString()!);
        var resources = AwsResources.Of(new AwsOptions
        {
            Region = outputs["Region"],
            QueueUrl = outputs["QueueUrl"],
            DeadLetterQueueUrl = outputs["DlqUrl"],
            Bucket = outputs["BucketName"],
            EndpointUrl = emulator.Endpoint,
        });
        await using var cloud = await Deployment.StartAsync(Server.Misbehaving, resources: resources);
        await using var fleet = await LambdaFleet.StartAsync(resources, Server.Misbehaving, functions: 1);

        var job = await cloud.Api.SubmitAsync(new { generators = new[] { "ok-generator", "exits-generator" }, samples = 10, batch_size = 5, seed = 1000 });
        var view = await cloud.Api.EndOfAsync(job);

        var samples = view.GetProperty("samples");
        (samples.GetProperty("done").GetInt32(), samples.GetProperty("failed").GetInt32()).ShouldBe((18, 2));
    }
}
