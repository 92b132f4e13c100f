using System.Text.RegularExpressions;
using VmDataset.Pipeline.Settings;

namespace VmDataset.Pipeline.Aws;

/// <summary>Reads <see cref="AwsOptions"/>. The messages use the familiar names of the environment.</summary>
public static partial class AwsOptionsReader
{
    /// <summary>What is wrong is left with <paramref name="settings"/>.</summary>
    public static AwsOptions Read(SettingsReader settings)
    {
        var region = settings.Text("AwsRegion") ?? settings.Text("AwsDefaultRegion");
        if (region is null || !Region().IsMatch(region))
            settings.Mistake($"AWS_REGION is {Shown(region)}; allowed: a region's name, such as eu-west-1.");

        var endpoint = Url(settings, "AwsEndpointUrl", required: false, "an emulator's address, such as http://127.0.0.1:5000, or unset for AWS itself");
        var queue = Queue(settings, "SqsQueueUrl", region, endpoint);
        var deadLetters = Queue(settings, "SqsDlqUrl", region, endpoint);
        if (queue is not null && queue == deadLetters)
            settings.Mistake("SQS_DLQ_URL is the same as SQS_QUEUE_URL; allowed: a queue of its own for what was given up.");

        var bucket = settings.Text("OutputBucket");
        if (bucket is null || !Bucket().IsMatch(bucket))
            settings.Mistake($"OUTPUT_BUCKET is {Shown(bucket)}; allowed: a bucket's name (3 to 63 lower-case letters, digits, '.' or '-'), without s3://.");

        return new AwsOptions
        {
            Region = region ?? "",
            QueueUrl = queue?.OriginalString ?? "",
            DeadLetterQueueUrl = deadLetters?.OriginalString ?? "",
            Bucket = bucket ?? "",
            EndpointUrl = endpoint,
            PresignedLinks = settings.Flag("PresignedLinks", endpoint is null),
        };
    }

    private static Uri? Queue(SettingsReader settings, string name, string? region, Uri? endpoint)
    {
        var url = Url(settings, name, required: true, "a queue's URL, such as https://sqs.eu-west-1.amazonaws.com/123456789012/vm-dataset-tasks");
        if (url is null) return null;
        var variable = SettingsReader.EnvironmentName(name);
        if (url.AbsolutePath.EndsWith(".fifo", StringComparison.Ordinal))
            settings.Mistake($"{variable} is '{url.OriginalString}', a FIFO queue; allowed: a standard queue.");
        if (endpoint is null && region is not null && QueueHost().Match(url.Host) is { Success: true } host && host.Groups[1].Value != region)
            settings.Mistake($"{variable} is in the region '{host.Groups[1].Value}' and AWS_REGION is '{region}'; allowed: the same region.");
        return url;
    }

    private static Uri? Url(SettingsReader settings, string name, bool required, string allowed)
    {
        var text = settings.Text(name);
        if (text is null && !required) return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https") return url;
        settings.Mistake($"{SettingsReader.EnvironmentName(name)} is {Shown(text)}; allowed: {allowed}.");
        return null;
    }

    private static string Shown(string? text) => text is null ? "not set" : $"'{text}'";

    [GeneratedRegex(@"^[a-z]{2}(-[a-z]+)+-\d+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Region();

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex Bucket();

    [GeneratedRegex(@"^sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex QueueHost();
}
