using System.CommandLine;
using VmDataset.Cli.Api;
using VmDataset.Cli.Output;
using VmDataset.Cli.Profiles;

namespace VmDataset.Cli.CommandLine;

/// <summary>What a verb works with: the arguments, the API, and where results go.</summary>
internal sealed class Session(ParseResult arguments, ApiClient api, CancellationToken cancellation) : IDisposable
{
    public ApiClient Api => api;

    public Screen Screen { get; } = new(arguments.GetValue(SharedOptions.Json));

    /// <summary>Cancelled by Ctrl-C, and by SIGTERM.</summary>
    public CancellationToken Cancellation => cancellation;

    public bool Has(Option<bool> option) => arguments.GetValue(option);

    public T? Get<T>(Option<T> option) => arguments.GetValue(option);

    public T? Get<T>(Argument<T> argument) => arguments.GetValue(argument);

    public T Need<T>(Argument<T> argument) => arguments.GetRequiredValue(argument);

    /// <exception cref="UsageException">The environment or the profile is wrong.</exception>
    public static Session Open(ParseResult arguments, CancellationToken cancellation)
    {
        var (sign, noSign) = (arguments.GetValue(SharedOptions.Sign), arguments.GetValue(SharedOptions.NoSign));
        if (sign && noSign) throw new UsageException("--sign and --no-sign exclude each other.");
        var connection = ConnectionReader.Read(arguments.GetValue(SharedOptions.Profile), sign ? true : noSign ? false : null);
        return new Session(arguments, new ApiClient(connection), cancellation);
    }

    public void Dispose() => api.Dispose();
}
