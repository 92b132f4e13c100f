using System.CommandLine;
using VmDataset.ControlPlane.Auth.Keys;
using VmDataset.Pipeline.Aws;
using VmDataset.Pipeline.Local;
using VmDataset.Worker.Hosting;

namespace VmDataset.ControlPlane.Hosting;

/// <summary>Creates a key without the API, so that there is a first one. It uses the store that the server would use with the same
/// settings; the server may be running.</summary>
internal static class CreateKeyCommand
{
    public static Command Verb()
    {
        // Both are checked below, in words of our own.
        var name = new Argument<string?>("NAME")
        {
            Description = $"Who uses the key, in {CallerName.Rule}.",
            Arity = ArgumentArity.ZeroOrOne
        };
        var role = new Argument<string?>("ROLE") { Description = "read, submit or admin.", Arity = ArgumentArity.ZeroOrOne };
        var verb = new Command("create-key", "Create a key of the API and print its text.") { name, role };
        verb.TreatUnmatchedTokensAsErrors = false;
        verb.SetAction((parsed, _) => RunAsync(parsed.GetValue(name), parsed.GetValue(role), [.. parsed.UnmatchedTokens]));
        return verb;
    }

    /// <exception cref="StartUpException">The arguments or the settings are wrong, or the store cannot be written.</exception>
    private static async Task<int> RunAsync(string? name, string? word, string[] settings)
    {
        if (name is null || word is null || !CallerName.IsValid(name) || RoleName.Parse(word) is not { } role)
            throw new StartUpException(
                $"Use: create-key NAME ROLE. NAME says who uses the key, in {CallerName.Rule}; ROLE is read, submit or admin.");

        var builder = WebApplication.CreateBuilder(HostArguments.WithoutReload(settings));
        var binder = new SettingsBinder(builder.Configuration);
        var isAws = binder.Bind(new BackendOptions()).Engine == BackendKind.Aws;
        var local = isAws ? null : binder.Bind(new LocalOptions());
        var aws = isAws ? binder.Bind(new AwsOptions()) : null;
        binder.ThrowIfWrong();
        if (aws is not null) builder.Services.AddAwsPorts(aws, AwsBackend.StoreRetries);
        // No lock: keys are objects of their own.
        else builder.Services.AddSingleton<IObjectStore>(_ => new FileSystemObjectStore(DataFolder.StoreOf(local!), alone: false));
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<KeyStore>();
        await using var services = builder.Services.BuildServiceProvider();
        try
        {
            var (key, text) = await services.GetRequiredService<KeyStore>().CreateAsync(new KeyRequest { Name = name, Role = role });
            await System.Console.Error.WriteLineAsync(
                $"The key {key.Id} has the role {word}. This is its text, shown this once; a server that is open needs a new start to ask for keys.");
            await System.Console.Out.WriteLineAsync(text);
            return 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartUpException($"The key could not be stored: {exception.Message}", exception);
        }
    }
}
