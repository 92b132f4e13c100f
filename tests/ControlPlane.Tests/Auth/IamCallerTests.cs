using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using VmDataset.ControlPlane.Auth;
using VmDataset.ControlPlane.Settings;

namespace VmDataset.ControlPlane.Tests.Auth;

/// <summary>Callers whom a function URL has checked, behind the Web Adapter.</summary>
public sealed class IamCallerTests
{
    private const string Ann = "arn:aws:sts::123456789012:assumed-role/Researchers/ann@example.org";
    private const string Bob = "arn:aws:iam::123456789012:user/teams/bob";

    [Fact]
    public async Task Jobs_and_quotas_are_those_of_the_caller_whom_IAM_names()
    {
        await using var api = Api.Empty(settings: new Dictionary<string, string>
        {
            ["AWS_LAMBDA_FUNCTION_NAME"] = "vm-dataset-api",
            ["ALLOW_ANONYMOUS"] = "everyone-who-can-reach-it",
            ["MAX_OPEN_JOBS"] = "1",
        });
        api.AddGenerator("alpha");

        var (status, job) = await SubmitAsync(api, Ann);
        status.ShouldBe(HttpStatusCode.Accepted);
        job.GetProperty("created_by").GetString().ShouldBe($"iam:{Ann}");
        (await SubmitAsync(api, Ann)).Status.ShouldBe(HttpStatusCode.TooManyRequests);
        (await SubmitAsync(api, Bob)).Status.ShouldBe(HttpStatusCode.Accepted);
    }

    [Theory]
    [InlineData(Ann, "ann@example.org")]
    [InlineData(Bob, "bob")]
    [InlineData("arn:aws:iam::123456789012:root", "root")]
    public void The_name_is_that_of_the_user_or_the_session(string arn, string name)
    {
        var caller = Callers(onLambda: true).Find(With(Context(arn))).ShouldNotBeNull();

        (caller.Id, caller.Name, caller.Role).ShouldBe(($"iam:{arn}", name, Role.Admin));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"authorizer": null}""")]
    [InlineData("""{"authorizer": {"iam": {"userArn": 7}}}""")]
    public void A_request_unchecked_by_IAM_has_no_caller(string? context) => Callers(onLambda: true).Find(With(context)).ShouldBeNull();

    [Fact]
    public void The_header_names_no_caller_off_Lambda() => Callers(onLambda: false).Find(With(Context(Ann))).ShouldBeNull();

    [Fact]
    public void A_process_that_takes_the_events_itself_does_not_believe_the_header()
    {
        var callers = new IamCallers(new BackendOptions { OnLambda = true }) { ArnOf = static _ => Bob };

        callers.Find(With(Context(Ann)))!.Id.ShouldBe($"iam:{Bob}");
    }

    private static IamCallers Callers(bool onLambda) => new(new BackendOptions { OnLambda = onLambda });

    private static DefaultHttpContext With(string? context)
    {
        var http = new DefaultHttpContext();
        if (context is not null) http.Request.Headers["x-amzn-request-context"] = context;
        return http;
    }

    // As AWS documents it for a function URL of type AWS_IAM.
    private static string Context(string arn) => JsonSerializer.Serialize(new
    {
        accountId = "123456789012",
        authorizer = new { iam = new { accountId = "123456789012", callerId = "AROAEXAMPLE", userArn = arn, userId = "AROAEXAMPLE" } },
        http = new { method = "POST", path = "/v1/jobs" },
    });

    private static async Task<(HttpStatusCode Status, JsonElement Body)> SubmitAsync(Api api, string arn)
    {
        using var client = api.Client();
        client.DefaultRequestHeaders.Add("x-amzn-request-context", Context(arn));
        using var answer = await client.PostAsJsonAsync("/v1/jobs", new { generators = new[] { "alpha" }, samples = 1 });
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }
}
