namespace VmDataset.ControlPlane.Auth.Keys;

/// <summary>Finds out whose key a text is.</summary>
internal sealed class KeyVerifier(KeyStore keys, KeyNames names, AccessOptions access, FailedLogins failures, TimeProvider time)
{
    private static Caller SettingsKey { get; } = new() { Id = "key:settings", Name = "ADMIN_KEY_SHA256", Role = Role.Admin };

    /// <returns>The caller, or null and the reason, which may be told to whoever sent the text.</returns>
    public async Task<(Caller? Caller, string? Refusal)> VerifyAsync(string text, HttpContext http)
    {
        if (KeyText.IdOf(text) is not { } id) return (null, "The credential is no key of this API, as it has not the form of one.");
        if (access.AdminKeySha256 is { } admin && KeyText.Matches(text, admin)) return (SettingsKey, null);

        // A guess costs a look into the store; whoever guessed too often shares one with all who did.
        var isListed = keys.IsKnown(id) || !failures.IsTooMany(http) || await names.HasAsync(id, http.RequestAborted);
        if (!isListed || await keys.FindAsync(id, http.RequestAborted) is not { } key || !KeyText.Matches(text, key.Sha256))
            return (null, "The key is unknown; it may have been revoked.");
        return key.ExpiresAt <= time.GetUtcNow() ? (null, $"The key expired at {key.ExpiresAt:yyyy-MM-dd'T'HH:mm:ss'Z'}.")
            : (key.ToCaller(), null);
    }
}
