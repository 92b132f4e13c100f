namespace VmDataset.ControlPlane.Jobs.Views;

/// <summary>Routes below a job.</summary>
internal static class JobRoutes
{
    /// <summary>A group of routes below <c>jobs/{id}</c>, whose endpoints may take a <see cref="JobRoute"/>.</summary>
    public static RouteGroupBuilder MapJob(this IEndpointRouteBuilder api, string tag) => api.MapGroup("jobs/{id}").WithTags(tag).FindJob()
        .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    /// <summary>Reads the job that the route names; answers 400, 404 or 409 where there is none to read.</summary>
    public static TBuilder FindJob<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.AddEndpointFilter(static async (invocation, next) =>
        {
            var http = invocation.HttpContext;
            return invocation.Arguments.OfType<IJobRoute>().SingleOrDefault() is { } route
                && await route.FindAsync(http.RequestServices.GetRequiredService<JobLookup>(), http.RequestAborted) is { } problem
                ? problem
                : await next(invocation);
        });
}
