using VmDataset.ControlPlane.Hosting;
using VmDataset.ControlPlane.Settings;
using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Local;
using VmDataset.Pipeline.Settings;
using VmDataset.Pipeline.Storage;

namespace VmDataset.ControlPlane.Auth.Keys;

/// <summary>
/// <c>ControlPlane create-key NAME ROLE [settings]</c>: makes a key without the API, so that there is a first one. The
/// store is the one that the server would take by the same settings, which may be running on it.
/// </summary>
internal static class CreateKeyCommand
{
    public const string Name = "create-key";

    /// <exception cref="StartUpException">The arguments or the settings are wrong, or the store cannot be written.</exception>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not [_, var name, var word, .. var settings] || !KeyRequestReader.IsName(name) || KeyRequestReader.ReadRole(word) is not { } role)
        {
            throw new StartUpException(
                $"Use: {Name} NAME ROLE. NAME says who uses the key, in {KeyRequestReader.NameRule}; ROLE is read, submit or admin.");
        }

        var builder = WebApplication.CreateBuilder(settings);
        var binder = new SettingsBinder(builder.Configuration);
        var isAws = binder.Bind(new BackendOptions(), new BackendOptionsValidator()).Engine == BackendKind.Aws;
        var local = isAws ? null : binder.Bind(new LocalOptions(), new LocalOptionsValidator());
        var aws = isAws ? binder.Bind(new AwsOptions(), new AwsOptionsValidator()) : null;
        binder.ThrowIfWrong();
        if (aws is not null) builder.Services.AddAwsPorts(aws, AwsBackend.StoreRetries);
        // No lock: keys are objects of their own.
        else builder.Services.AddSingleton<IObjectStore>(_ => new FileSystemObjectStore(DataFolder.StoreOf(local!), alone: false));
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<KeyStore>();
        await using var services = builder.Services.BuildServiceProvider();
        try
        {
            var (key, text) = await services.GetRequiredService<KeyStore>().CreateAsync(new KeyRequest { Name = name, Role = role });
            await Console.Error.WriteLineAsync($"The key {key.Id} has the role {word}. This is its text, shown this once; a server that is open needs a new start to ask for keys.");
            await Console.Out.WriteLineAsync(text);
            return 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartUpException($"The key could not be stored: {exception.Message}", exception);
        }
    }
}
