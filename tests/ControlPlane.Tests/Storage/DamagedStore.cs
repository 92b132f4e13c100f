using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Storage;
using VmDataset.Tests.Aws;

namespace VmDataset.ControlPlane.Tests.Storage;

/// <summary>The whole application on a store into which a test puts what it likes, past the application.</summary>
public abstract class DamagedStore : IAsyncLifetime
{
    private AwsResources? _aws;

    /// <summary>Whether the store is a bucket.</summary>
    protected abstract bool OnS3 { get; }

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected Api Api { get; private set; } = null!;

    protected LogLines Log { get; } = new();

    public async ValueTask InitializeAsync()
    {
        if (OnS3) _aws = await AwsResources.CreateAsync();
        Api = Api.Empty(services =>
        {
            services.AddSingleton<ILoggerProvider>(Log);
            if (_aws is not null) services.AddSingleton<IObjectStore>(provider => ActivatorUtilities.CreateInstance<S3ObjectStore>(provider, _aws.S3, _aws.Options));
        }, new Dictionary<string, string>
        {
            ["Logging:LogLevel:Default"] = "Warning",
            ["WebhookSecret"] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            ["WebhookAllowPrivate"] = "true",
            ["MaxOpenJobs"] = "100",
        });
        Api.AddGenerator("alpha");
        Api.AddGenerator("beta");
    }

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        Log.Dispose();
        _aws?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Puts an object of any name; one that ends with '/' is what S3's console makes of a folder, and on a disk a folder.</summary>
    protected async Task PutRawAsync(string key, string text)
    {
        if (_aws is not null)
        {
            await _aws.S3.PutObjectAsync(new Amazon.S3.Model.PutObjectRequest { BucketName = _aws.Options.Bucket, Key = key, ContentBody = text }, Token);
            return;
        }

        var path = Path.Combine(Api.DataDir, "store", key);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!key.EndsWith('/')) await File.WriteAllTextAsync(path, text, Token);
    }

    protected async Task<List<string>> KeysAsync(string prefix) => await Api.Store.ListAsync(prefix, cancellationToken: Token).Select(static entry => entry.Key).ToListAsync(Token);
}
