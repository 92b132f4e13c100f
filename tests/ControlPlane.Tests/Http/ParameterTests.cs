using System.Net;

namespace VmDataset.ControlPlane.Tests.Http;

public sealed class ParameterTests(Api api) : IClassFixture<Api>
{
    [Fact]
    public async Task Every_wrong_and_every_unknown_parameter_is_named_in_one_answer()
    {
        var problem = await api.GetAsync("/v1/jobs?limit=0&cursor=x&page=2", HttpStatusCode.BadRequest);

        problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).ShouldBe(["page", "limit", "cursor"]);
    }

    [Theory]
    [InlineData("/v1/jobs/20261123-130501-9f3c2a7b/batches?limit=0", HttpStatusCode.BadRequest)]
    [InlineData("/v1/jobs/20261123-130501-9f3c2a7b/batches?limit=1", HttpStatusCode.NotFound)]
    [InlineData("/v1/jobs/.x/batches", HttpStatusCode.BadRequest)]
    public async Task The_parameters_are_checked_before_the_job_is_read(string path, HttpStatusCode status) => await api.GetAsync(path, status);
}
