using System.Security.Claims;

namespace VmDataset.ControlPlane.Auth;

/// <summary>Who sent a request. A handler takes it as a parameter.</summary>
public sealed record Caller
{
    private const string Kind = "vm-dataset";

    /// <summary>Whoever calls where no credentials are needed.</summary>
    public static Caller Local { get; } = new() { Id = "local", Name = "local", Role = Auth.Role.Admin };

    /// <summary><c>key:&lt;id&gt;</c>, <c>jwt:&lt;subject&gt;</c>, <c>iam:&lt;ARN&gt;</c> or <c>local</c>.</summary>
    public required string Id { get; init; }

    /// <summary>For people.</summary>
    public required string Name { get; init; }

    /// <summary>Null for a token that names no role.</summary>
    public required Role? Role { get; init; }

    /// <summary>Jobs that may be unfinished at once; null leaves it to the settings.</summary>
    public int? MaxOpenJobs { get; init; }

    /// <summary>Samples that unfinished jobs may have together; null leaves it to the settings.</summary>
    public long? MaxOpenSamples { get; init; }

    /// <summary>Null before authentication, and where it failed.</summary>
    public static Caller? Of(ClaimsPrincipal user)
    {
        if (user.Identities.FirstOrDefault(static identity => identity.Label == Kind) is not { } identity) return null;
        return new Caller
        {
            Id = identity.FindFirst(nameof(Id))!.Value,
            Name = identity.Name!,
            Role = Enum.TryParse<Role>(identity.FindFirst(nameof(Role))?.Value, out var role) ? role : null,
            MaxOpenJobs = (int?)Number(identity, nameof(MaxOpenJobs)),
            MaxOpenSamples = Number(identity, nameof(MaxOpenSamples)),
        };
    }

    /// <summary>How ASP.NET Core finds a handler's caller.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult(Of(context.User));

    internal ClaimsPrincipal ToPrincipal(string scheme)
    {
        Claim[] claims = [new(nameof(Id), Id), new(nameof(Name), Name)];
        var identity = new ClaimsIdentity(claims, scheme, nameof(Name), nameof(Role)) { Label = Kind };
        if (Role is { } role) identity.AddClaim(new Claim(nameof(Role), role.ToString()));
        if (MaxOpenJobs is { } jobs) identity.AddClaim(new Claim(nameof(MaxOpenJobs), jobs.ToString(CultureInfo.InvariantCulture)));
        if (MaxOpenSamples is { } samples) identity.AddClaim(
            new Claim(nameof(MaxOpenSamples), samples.ToString(CultureInfo.InvariantCulture)));
        return new ClaimsPrincipal(identity);
    }

    private static long? Number(ClaimsIdentity identity, string claim) =>
        identity.FindFirst(claim) is { } found ? long.Parse(found.Value, CultureInfo.InvariantCulture) : null;
}
