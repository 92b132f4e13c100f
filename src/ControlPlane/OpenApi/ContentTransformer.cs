using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace VmDataset.ControlPlane.OpenApi;

/// <summary>What stands above the operations.</summary>
internal static class ContentTransformer
{
    public static Task Describe(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "vm-dataset-pipeline",
            Version = "1",
            Description = "Turns \"so many samples of each of these generators\" into a finished dataset. Submit a job, watch it, fetch its samples. Every error is a problem document (RFC 9457) that says what was wrong and what is allowed.",
        };
        // Wherever the document was fetched from; a port would be true of one machine only.
        document.Servers = [new OpenApiServer { Url = "/", Description = "This server" }];
        document.Tags = new HashSet<OpenApiTag>
        {
            new() { Name = "Jobs", Description = "Submit and watch jobs." },
            new() { Name = "Samples", Description = "Finished samples and their files." },
            new() { Name = "Generators", Description = "What can be asked for." },
            new() { Name = "Queue", Description = "Messages that wait, are in work or were given up." },
            new() { Name = "Dead letters", Description = "Messages that were given up: look at them, send them again, delete them." },
            new() { Name = "Fleet", Description = "How the workers do." },
            new() { Name = "Access", Description = "Keys, and who one is." },
            new() { Name = "Health", Description = "For supervisors and load balancers." },
        };
        return Task.CompletedTask;
    }
}
