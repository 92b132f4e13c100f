using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Aws.CloudWatch;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Queue;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Tests.Operations;

/// <summary>The whole application with settings of a test's own, on either engine.</summary>
internal sealed class EngineApi : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly WebApplicationFactory<Program> _factory;

    public EngineApi(IReadOnlyDictionary<string, string> settings, Action<IServiceCollection>? configure = null)
    {
        Directory.CreateDirectory(_folder.Combine("generators"));
        _factory = new WebApplicationFactory<Program>().WithWebHostBuilder(host =>
        {
            host.UseSetting("DataDir", _folder.Combine("data")).UseSetting("GeneratorsDir", _folder.Combine("generators"))
                .UseSetting("Logging:LogLevel:Default", "None").UseSetting("environment", "Production");
            foreach (var (name, value) in settings) host.UseSetting(name, value);
            host.ConfigureTestServices(services => configure?.Invoke(services));
        });
    }

    public void AddGenerator(string name)
    {
        var folder = Directory.CreateDirectory(_folder.Combine("generators", name, "examples"));
        File.WriteAllText(Path.Combine(folder.FullName, "generate.py"), """parser.add_argument("--num-samples"); parser.add_argument("--seed"); parser.add_argument("--output")""");
    }

    public IServiceProvider Services => _factory.Services;
    public HttpClient Client() => _factory.CreateClient();

    public IBatchQueue Queue => _factory.Services.GetRequiredService<IBatchQueue>();

    /// <summary>The AWS engine, its ports and CloudWatch replaced.</summary>
    public static EngineApi OnAws(ICloudWatch cloudWatch, TemporaryFolder folder, string? function = null) => new(
        AwsSettings(new AwsOptions
        {
            Region = "eu-west-1",
            QueueUrl = "https://sqs.eu-west-1.amazonaws.com/123456789012/tasks",
            DeadLetterQueueUrl = "https://sqs.eu-west-1.amazonaws.com/123456789012/tasks-dlq",
            Bucket = "bucket",
        }, function),
        services => services.AddSingleton(cloudWatch)
            .AddSingleton(new SqliteBatchQueue(folder.Combine("queue.db"), 3))
            .AddSingleton<IBatchQueue>(static provider => provider.GetRequiredService<SqliteBatchQueue>())
            .AddSingleton<IDeadLetterQueue>(static provider => provider.GetRequiredService<SqliteBatchQueue>().DeadLetters)
            .AddSingleton<IObjectStore>(new FileSystemObjectStore(folder.Combine("store"))));

    public static Dictionary<string, string> AwsSettings(AwsOptions aws, string? function)
    {
        Dictionary<string, string> settings = new()
        {
            ["Engine"] = "Aws",
            ["HaltCheckSeconds"] = "1",
            ["AwsRegion"] = aws.Region,
            ["SqsQueueUrl"] = aws.QueueUrl,
            ["SqsDlqUrl"] = aws.DeadLetterQueueUrl,
            ["OutputBucket"] = aws.Bucket,
        };
        if (aws.EndpointUrl is { } endpoint) settings["AwsEndpointUrl"] = endpoint.AbsoluteUri;
        if (function is not null) settings["WorkerFunctionName"] = function;
        return settings;
    }

    public async Task<JsonElement> GetAsync(string url, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var client = _factory.CreateClient();
        using var answer = await client.GetAsync(new Uri(url, UriKind.Relative));
        var body = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(expected, body);
        return JsonElement.Parse(body);
    }

    public async ValueTask DisposeAsync()
    {
        await _factory.DisposeAsync();
        _folder.Dispose();
    }
}
