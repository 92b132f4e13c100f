namespace VmDataset.ControlPlane.Auth;

/// <summary>
/// Whether everybody is let in, decided once, at the start: a key that is made or revoked later changes who is known, not
/// whether anybody must be.
/// </summary>
internal sealed partial class AccessMode(AccessOptions access, BackendOptions backend, IObjectStore store, IConfiguration configuration,
    ILogger<AccessMode> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Whether no credentials are needed, and every caller is <see cref="Caller.Local"/>.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Whether it is open because only this machine can reach it.</summary>
    public bool IsOpenToThisMachine => IsOpen && !access.AllowAnonymous;

    /// <exception cref="StartUpException">Others than this machine could reach an API that asks nobody who they are.</exception>
    public async Task DecideAsync()
    {
        var bindings = Bindings.Of(configuration);
        var elsewhere = backend.OnLambda ? "a Lambda function" : bindings.FirstOrDefault(static address => !Bindings.IsLoopback(address));
        if (access.AllowAnonymous)
        {
            IsOpen = true;
            Log.OpenToEveryone(logger);
        }
        else if (access is { AdminKeySha256: not null } or { JwtAuthority: not null } || await HasKeyAsync())
        {
            Log.Closed(logger);
        }
        else if (elsewhere is null)
        {
            IsOpen = true;
            Log.OpenToThisMachine(logger);
        }
        else
        {
            throw new StartUpException($"""
                The API would answer everybody who can reach {elsewhere}, as there are no credentials. Do one of these:
                - make a key: dotnet {typeof(AccessMode).Assembly.Location} create-key NAME admin
                - set ADMIN_KEY_SHA256, or JWT_AUTHORITY and JWT_AUDIENCE
                - listen on this machine alone: set PORT, and none of ASP.NET Core's own address settings
                - let everybody in, and do everything: ALLOW_ANONYMOUS={AccessOptions.AnonymousPhrase}
                """);
        }
    }

    // Any key, an expired or unreadable one too: what has had a lock does not lose it by the passing of time or a power cut.
    private async Task<bool> HasKeyAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(Patience);
            await foreach (var entry in store.ListAsync(ObjectKeys.KeyPrefix, cancellationToken: limit.Token))
                if (ObjectKeys.TryParseKey(entry.Key, out var id) && KeyText.IsId(id)) return true;
            return false;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            throw new StartUpException(
                $"The store cannot say whether there are keys, so the server cannot decide whom to let in: {exception.Message} "
                + $"Make the store reachable, or set ADMIN_KEY_SHA256, JWT_AUTHORITY or ALLOW_ANONYMOUS={AccessOptions.AnonymousPhrase}.",
                    exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "No credentials are needed: there is no key, and only this machine can reach the API")]
        public static partial void OpenToThisMachine(ILogger logger);

        [LoggerMessage(2, LogLevel.Warning, "No credentials are needed: ALLOW_ANONYMOUS lets everyone who can reach the API do everything")]
        public static partial void OpenToEveryone(ILogger logger);

        [LoggerMessage(3, LogLevel.Information, "Credentials are needed")]
        public static partial void Closed(ILogger logger);
    }
}
