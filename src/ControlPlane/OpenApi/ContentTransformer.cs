using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace VmDataset.ControlPlane.OpenApi;

/// <summary>The document's title, description and tags.</summary>
internal static class ContentTransformer
{
    public static Task Describe(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "vm-dataset-pipeline",
            Version = "1",
            Description = "Turns a request for samples of many generators into a finished dataset: submit a job, watch it, download its samples. Every error is a problem document (RFC 9457) with the error and the allowed values.",
        };
        // Wherever the document was fetched from; a port would be true of one machine only.
        document.Servers = [new OpenApiServer { Url = "/", Description = "This server" }];
        document.Tags = new HashSet<OpenApiTag>
        {
            new() { Name = "Jobs", Description = "Submit and watch jobs." },
            new() { Name = "Samples", Description = "Finished samples and their files." },
            new() { Name = "Generators", Description = "Generators that jobs can use." },
            new() { Name = "Queue", Description = "Numbers of messages that wait, are being processed or were given up." },
            new() { Name = "Dead letters", Description = "Messages that were given up: list, redrive or delete them." },
            new() { Name = "Fleet", Description = "The workers' figures." },
            new() { Name = "Access", Description = "Keys, and the caller's identity." },
            new() { Name = "Health", Description = "For supervisors and load balancers." },
        };
        return Task.CompletedTask;
    }
}
