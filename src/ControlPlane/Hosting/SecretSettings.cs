using VmDataset.Pipeline.Aws;

namespace VmDataset.ControlPlane.Hosting;

/// <summary>Where settings are that a function's own settings would show to everybody who may read those.</summary>
public sealed record SecretOptions
{
    /// <summary>A secret of Secrets Manager: a JSON object of settings, which go before the environment; null for none.</summary>
    [Pattern(SecretsClient.Arn, Allowed = "the ARN of a secret in Secrets Manager")]
    public string? SecretsArn { get; init; }

    /// <summary>An emulator in place of AWS.</summary>
    [HttpUrl(Name = "AWS_ENDPOINT_URL", Allowed = "an emulator's address, such as http://127.0.0.1:5000, or unset for AWS itself")]
    public Uri? EndpointUrl { get; init; }
}

/// <summary>Reads settings from Secrets Manager, once, at the start.</summary>
internal static class SecretSettings
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <exception cref="StartUpException">The secret cannot be read, or holds no settings.</exception>
    public static async Task AddSecretsAsync(this ConfigurationManager configuration)
    {
        var binder = new SettingsBinder(configuration);
        var options = binder.Bind(new SecretOptions());
        if (options.SecretsArn is not { } arn) return;
        binder.ThrowIfWrong();
        using var http = new HttpClient { Timeout = Patience };
        try
        {
            var text = await new SecretsClient(http, options.EndpointUrl, TimeProvider.System).GetAsync(arn);
            var found = JsonSerializer.Deserialize<Dictionary<string, string>>(text) ?? throw new JsonException("It is null.");
            configuration.AddInMemoryCollection(found.Where(static setting => setting.Value is { Length: > 0 })!);
        }
        catch (IOException exception)
        {
            throw new StartUpException($"SECRETS_ARN is '{arn}', which cannot be read: {exception.Message}", exception);
        }
        catch (JsonException exception)
        {
            // Not its text: the log is no place for secrets.
            throw new StartUpException(
                $"SECRETS_ARN is '{arn}', whose text holds no settings; allowed: a JSON object of texts, such as {{\"WEBHOOK_SECRET\": \"...\"}}.",
                exception);
        }
    }
}
