using System.Reflection;
using Microsoft.AspNetCore.Mvc;
using VmDataset.Pipeline.Json;

namespace VmDataset.ControlPlane.Http;

/// <summary>Refuses query parameters that the handler does not take: a misspelt filter would otherwise show everything.</summary>
internal static class UnknownQueryFilter
{
    public static TBuilder RejectUnknownQuery<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.AddEndpointFilterFactory(static (factory, next) =>
        {
            string[] known = [.. factory.MethodInfo.GetParameters()
                .Where(static parameter => parameter.ParameterType == typeof(string))
                .Select(static parameter => parameter.GetCustomAttribute<FromQueryAttribute>()?.Name ?? parameter.Name!)];
            return async invocation =>
            {
                var http = invocation.HttpContext;
                var allowed = known.Where(name => !http.Request.RouteValues.ContainsKey(name)).ToList();
                List<ValidationError> errors = [.. http.Request.Query.Keys
                    .Where(key => !allowed.Contains(key, StringComparer.OrdinalIgnoreCase))
                    .Select(key => new ValidationError(key, $"{key} is not a query parameter here; allowed: {(allowed.Count == 0 ? "none" : string.Join(", ", allowed))}."))];
                return errors.Count == 0 ? await next(invocation) : Problem.Invalid(errors);
            };
        });
}
