using System.Net;
using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace VmDataset.ControlPlane.Tests.Auth;

public sealed class TokenTests(TokenTests.Setting setting) : IClassFixture<TokenTests.Setting>
{
    private const string Audience = "vm-dataset";

    private string Issuer => setting.Issuer;

    private LockedApi Locked => setting.Locked!;

    private RsaSecurityKey Key => new(setting.Rsa) { KeyId = "one" };

    [Theory]
    [InlineData("read", 200, 403)]
    [InlineData("admin", 200, 200)]
    [InlineData("other, submit", 200, 403)]
    public async Task Tokens_give_the_roles_that_they_name(string roles, int read, int admin)
    {
        var token = Token(roles: roles.Split(", "));

        ((int)await Locked.StatusAsync("/v1/jobs", token)).ShouldBe(read);
        ((int)await Locked.StatusAsync("/v1/keys", token)).ShouldBe(admin);
        using var who = await Locked.SendAsync(HttpMethod.Get, "/v1/whoami", token);
        (await who.Content.ReadAsStringAsync()).ShouldContain("\"jwt:alice\"");
    }

    [Fact]
    public async Task Tokens_may_name_a_role_as_a_text_too() => (await Locked.StatusAsync("/v1/jobs", Token(roles: "read"))).ShouldBe(HttpStatusCode.OK);

    [Theory]
    [InlineData("owner")]
    [InlineData("1")]
    [InlineData("Admin")]
    [InlineData(null)]
    public async Task A_token_without_a_known_role_may_do_nothing(string? role)
    {
        var (status, detail) = await Locked.ProblemAsync("/v1/jobs", Token(roles: role));

        (status, detail).ShouldBe((HttpStatusCode.Forbidden, "jwt:alice has no role here, as its token names none; needed: read."));
    }

    [Theory]
    [InlineData("expired", "The token expired at 2")]
    [InlineData("early", "The token is not valid yet.")]
    [InlineData("audience", "The token is meant for another audience.")]
    [InlineData("issuer", "The token is of another issuer.")]
    [InlineData("key", "The token's signature is not one of the issuer's.")]
    [InlineData("unknown key", "The token's signature is not one of the issuer's.")]
    [InlineData("none", "The token's signature is not one of the issuer's.")]
    [InlineData("symmetric", "The token's signature is not one of the issuer's.")]
    [InlineData("changed", "The token's signature is not one of the issuer's.")]
    [InlineData("subject", "The token has no subject (sub).")]
    [InlineData("endless", "The token never expires, which is not accepted.")]
    [InlineData("crit", "The token's header has crit, which demands what this server does not know.")]
    [InlineData("long subject", "The token's subject (sub) is not 1 to 256 characters")]
    [InlineData("control", "The token's subject (sub) is not 1 to 256 characters")]
    [InlineData("bidi", "The token's subject (sub) is not 1 to 256 characters")]
    [InlineData("blank", "The token's subject (sub) is not 1 to 256 characters")]
    [InlineData("text", "The credential is neither a key of this API nor a token that can be checked.")]
    public async Task Tokens_that_do_not_hold_are_refused(string what, string reason)
    {
        using var stranger = RSA.Create(2048);
        var now = DateTime.UtcNow;
        var token = what switch
        {
            "expired" => Token(from: now.AddHours(-2), to: now.AddHours(-1)),
            "early" => Token(from: now.AddHours(1), to: now.AddHours(2)),
            "audience" => Token(audience: "another"),
            "issuer" => Token(issuer: "https://elsewhere.example.org"),
            "key" => Token(key: new SigningCredentials(new RsaSecurityKey(stranger) { KeyId = "one" }, "RS256")),
            "unknown key" => Token(key: new SigningCredentials(new RsaSecurityKey(stranger) { KeyId = "two" }, "RS256")),
            // What the issuer publishes, used as if it were a shared secret.
            "symmetric" => Token(key: new SigningCredentials(new SymmetricSecurityKey(setting.Rsa.ExportSubjectPublicKeyInfo()) { KeyId = "one" }, "HS256")),
            "none" => Base64UrlEncoder.Encode("""{"alg":"none"}""") + "." + Token().Split('.')[1] + ".",
            "changed" => Changed(Token(roles: "read")),
            "subject" => Token(subject: null),
            "endless" => Endless(),
            "crit" => Token(roles: "read", header: new() { ["crit"] = new[] { "exp" } }),
            "long subject" => Token(roles: "read", subject: new string('a', 257)),
            "control" => Token(roles: "read", subject: "alice\r\nadmin"),
            "bidi" => Token(roles: "read", subject: "alice\u202enimda"),
            "blank" => Token(roles: "read", subject: "  "),
            _ => "not.a.token",
        };

        (var status, var detail) = await Locked.ProblemAsync("/v1/jobs", token);

        status.ShouldBe(HttpStatusCode.Unauthorized, detail);
        detail.ShouldStartWith(reason);
    }

    [Fact]
    public async Task Tokens_are_not_judged_while_the_issuer_is_out_of_reach()
    {
        // Nobody listens there: the port was free a moment ago.
        int port;
        using (var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        await using var alone = new LockedApi(new Dictionary<string, string> { ["JWT_AUTHORITY"] = $"http://127.0.0.1:{port}", ["JWT_AUDIENCE"] = Audience });
        using var answer = await alone.SendAsync(HttpMethod.Get, "/v1/jobs", Token(roles: "read"));

        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.Headers.RetryAfter.ShouldNotBeNull();
        (await answer.Content.ReadAsStringAsync()).ShouldContain("The issuer of tokens (JWT_AUTHORITY) cannot be reached");
        (await alone.StatusAsync("/v1/jobs", alone.Admin)).ShouldBe(HttpStatusCode.OK);
        (await alone.StatusAsync("/v1/jobs", "not.a.token")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Keys_go_on_beside_tokens() => (await Locked.StatusAsync("/v1/jobs", Locked.Admin)).ShouldBe(HttpStatusCode.OK);

    private string Token(object? roles = null, string? subject = "alice", string? audience = Audience, string? issuer = null,
        SigningCredentials? key = null, DateTime? from = null, DateTime? to = null, Dictionary<string, object>? header = null)
    {
        Dictionary<string, object> claims = [];
        if (roles is not null) claims["roles"] = roles;
        if (subject is not null) claims["sub"] = subject;
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer ?? Issuer,
            Audience = audience,
            NotBefore = from,
            Expires = to,
            Claims = claims,
            AdditionalHeaderClaims = header,
            SigningCredentials = key ?? new SigningCredentials(Key, "RS256"),
        });
    }

    private string Endless() => new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
    {
        Issuer = Issuer,
        Audience = Audience,
        Claims = new Dictionary<string, object> { ["sub"] = "alice", ["roles"] = "admin" },
        SigningCredentials = new SigningCredentials(Key, "RS256"),
    });

    private static string Changed(string token)
    {
        var parts = token.Split('.');
        parts[1] = Base64UrlEncoder.Encode(Base64UrlEncoder.Decode(parts[1]).Replace("\"read\"", "\"admin\"", StringComparison.Ordinal));
        return string.Join('.', parts);
    }

    /// <summary>An issuer, and an API that trusts it.</summary>
    public sealed class Setting : IAsyncLifetime
    {
        private readonly FakeIssuer _issuer = new();

        public RSA Rsa => _issuer.Rsa;

        public string Issuer => _issuer.Issuer;

        public LockedApi? Locked { get; private set; }

        public ValueTask InitializeAsync()
        {
            Locked = new LockedApi(new Dictionary<string, string> { ["JWT_AUTHORITY"] = Issuer, ["JWT_AUDIENCE"] = Audience });
            return ValueTask.CompletedTask;
        }

        public async ValueTask DisposeAsync()
        {
            if (Locked is not null) await Locked.DisposeAsync();
            await _issuer.DisposeAsync();
        }
    }
}
