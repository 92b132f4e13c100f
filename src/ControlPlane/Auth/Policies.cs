using Microsoft.AspNetCore.Authorization;

namespace VmDataset.ControlPlane.Auth;

/// <summary>One policy per role. An endpoint that names none is shut to everybody.</summary>
internal static class Policies
{
    /// <summary>States the least role of an endpoint's callers. Of a group's role and an endpoint's own the greater one holds.</summary>
    public static TBuilder RequireRole<TBuilder>(this TBuilder builder, Role role)
        where TBuilder : IEndpointConventionBuilder => builder.RequireAuthorization(role.ToString());

    /// <summary>The role that an endpoint needs; null for one that anybody may use.</summary>
    public static Role? Of(IEnumerable<object> metadata) => metadata.OfType<IAuthorizeData>()
        .Select(static data => Enum.TryParse<Role>(data.Policy, out var role) ? role : (Role?)null).Max();

    public static void AddPolicies(this IServiceCollection services)
    {
        var authorization = services.AddAuthorizationBuilder();
        foreach (var role in Enum.GetValues<Role>())
        {
            authorization.AddPolicy(role.ToString(), policy => policy.RequireAuthenticatedUser()
                .RequireAssertion(context => Caller.Of(context.User)?.Role >= role));
        }

        // Swagger UI's files, unknown paths and methods are no endpoints of ours and have no metadata to state a policy in.
        authorization.SetFallbackPolicy(new AuthorizationPolicyBuilder()
            .RequireAssertion(static context => context.Resource is HttpContext http && http.GetEndpoint() is not RouteEndpoint).Build());
    }
}
