namespace VmDataset.Cli.Api;

/// <summary>Where the API is, and how a caller proves who it is.</summary>
/// <param name="Address">Scheme, host and perhaps a port, without a slash at the end.</param>
/// <param name="Key">A key or token of the API; null where it asks for none.</param>
/// <param name="KeyName">The name of the setting that held the key, or would have.</param>
/// <param name="Signer">Signs requests with AWS credentials; null where IAM does not guard the API.</param>
internal sealed record Connection(string Address, string? Key, string KeyName, AwsSigner? Signer);
