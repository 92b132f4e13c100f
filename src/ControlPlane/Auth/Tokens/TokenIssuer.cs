using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace VmDataset.ControlPlane.Auth.Tokens;

/// <summary>Whether the issuer has said by which keys it signs: without them no token can be judged, whoever made it.</summary>
internal sealed partial class TokenIssuer(TimeProvider time, ILogger<TokenIssuer> logger)
{
    /// <summary>How long the issuer is not asked again after it did not answer: callers do not queue up behind its time-out.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private Task<OpenIdConnectConfiguration>? _asking;
    private DateTimeOffset _askedAt;

    /// <summary>Before a token is checked.</summary>
    /// <exception cref="ServiceUnavailableException">The issuer has not answered yet.</exception>
    public async Task RequireAsync(MessageReceivedContext context)
    {
        // What is no token at all needs no issuer to be refused.
        if (context.Token is { } token && IsToken(token)) await RequireAsync(context.Options, context.HttpContext.RequestAborted);
    }

    /// <summary>What the issuer says of itself.</summary>
    /// <exception cref="ServiceUnavailableException">It has not answered yet.</exception>
    public async Task<OpenIdConnectConfiguration> RequireAsync(JwtBearerOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(options.ConfigurationManager!).WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            throw new ServiceUnavailableException(
                "The issuer of tokens (JWT_AUTHORITY) cannot be reached, so no token can be checked; keys go on. Try again.", exception);
        }
    }

    private static bool IsToken(string text)
    {
        try
        {
            return new JsonWebToken(text).Alg.Length > 0;
        }
        catch (Exception exception) when (exception is ArgumentException or SecurityTokenException)
        {
            return false;
        }
    }

    // Not by any caller's token: all who wait share one question.
    private Task<OpenIdConnectConfiguration> AskAsync(IConfigurationManager<OpenIdConnectConfiguration> manager)
    {
        lock (_lock)
        {
            if (_asking is { IsCompletedSuccessfully: false }
                && (!_asking.IsCompleted || time.GetUtcNow() - _askedAt < Rest)) return _asking;
            // Once it has answered, the manager keeps that and asks again by itself.
            return _asking = AskOnceAsync(manager);
        }
    }

    private async Task<OpenIdConnectConfiguration> AskOnceAsync(IConfigurationManager<OpenIdConnectConfiguration> manager)
    {
        try
        {
            return await manager.GetConfigurationAsync(CancellationToken.None);
        }
        catch (Exception exception)
        {
            Log.Unreachable(logger, exception.GetBaseException().Message);
            throw;
        }
        finally
        {
            _askedAt = time.GetUtcNow();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The issuer of tokens (JWT_AUTHORITY) cannot be reached: {Reason}")]
        public static partial void Unreachable(ILogger logger, string reason);
    }
}
