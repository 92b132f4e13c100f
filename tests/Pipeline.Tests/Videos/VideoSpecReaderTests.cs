using System.Text.Json;
using VmDataset.Pipeline.Jobs;
using VmDataset.Pipeline.Json;
using VmDataset.Pipeline.Videos;

namespace VmDataset.Pipeline.Tests.Videos;

public sealed class VideoSpecReaderTests
{
    [Fact]
    public void A_spec_has_the_fields_that_were_given()
    {
        var spec = Read("""{"width": 512, "frames": 80, "fps": 16, "codec": "h264", "keep_original": true}""").ShouldNotBeNull();
        (spec.Width, spec.Height, spec.Frames, spec.Fps, spec.KeepOriginal, spec.Preset).ShouldBe((512, null, 80, 16, true, null));
        Read("null").ShouldBeNull();
        Read("""{"keep_original": false, "codec": "h264"}""").ShouldBe(new VideoSpec());
    }

    [Fact]
    public void A_preset_fills_in_what_the_other_fields_leave_open()
    {
        Read("""{"preset": "wan2.2"}""").ShouldBe(new VideoSpec { Preset = "wan2.2", Width = 832, Height = 480, Frames = 81, Fps = 16 });
        Read("""{"preset": "ltx", "width": 256, "height": 256, "frames": 97}""").ShouldBe(
            new VideoSpec { Preset = "ltx", Width = 256, Height = 256, Frames = 97, Fps = 25 });
    }

    [Fact]
    public void Every_preset_keeps_its_own_rules_and_reads_itself_again()
    {
        foreach (var preset in VideoPreset.All)
        {
            var spec = Read($$"""{"preset": "{{preset.Name}}"}""").ShouldNotBeNull(preset.Name);
            Read(JsonSerializer.Serialize(spec, WireJson.Options)).ShouldBe(spec, preset.Name);
            Read(JsonSerializer.Serialize(spec.Plain, WireJson.Options)).ShouldBe(spec.Plain, preset.Name);
        }
    }

    [Theory]
    [InlineData("""{}""", "video is an object without fields; allowed: an object with one or more of preset, width")]
    [InlineData("""[]""", "video is an array; allowed: an object")]
    [InlineData("""{"wide": 1}""", "video.wide is not a field; allowed: preset, width, height, frames, fps, codec, keep_original.")]
    [InlineData("""{"width": 15}""", "video.width is 15; allowed: an integer from 16 to 2,048.")]
    [InlineData("""{"height": 511}""", "video.height is 511; allowed: multiples of 2 from 16 to 2,048, next to it 510 and 512.")]
    [InlineData("""{"frames": 0}""", "video.frames is 0; allowed: an integer from 1 to 2,000.")]
    [InlineData("""{"fps": 121}""", "video.fps is 121; allowed: an integer from 1 to 120.")]
    [InlineData("""{"codec": "mp4v"}""", "video.codec is \"mp4v\"; allowed: \"h264\".")]
    [InlineData("""{"keep_original": 1}""", "video.keep_original is 1; allowed: true or false.")]
    [InlineData("""{"preset": "sora"}""", "video.preset is \"sora\"; allowed: wan2.1, wan2.2, wan2.2-5b, vbvr-wan2.2, vbvr-pro, vbvr-rl, hunyuan, ltx, cogvideox.")]
    [InlineData("""{"preset": "wan2.2", "frames": 80}""", "video.frames is 80; allowed with preset wan2.2: 4n + 1 from 1 to 1,997, next to it 77 and 81.")]
    [InlineData("""{"preset": "ltx", "frames": 2000}""", "video.frames is 2000; allowed with preset ltx: 8n + 1 from 1 to 1,993, next to it 1993.")]
    [InlineData("""{"preset": "wan2.1", "width": 500}""", "video.width is 500; allowed with preset wan2.1: multiples of 16 from 16 to 2,048, next to it 496 and 512.")]
    [InlineData("""{"preset": "cogvideox", "height": 16}""", "video.height is 16; allowed with preset cogvideox: multiples of 32 from 32 to 2,048, next to it 32.")]
    public void A_wrong_spec_is_refused_with_its_field_its_rule_and_the_nearest_values(string video, string message)
    {
        var fields = new JsonFields(JsonElement.Parse($$"""{"video": {{video}}}"""));
        VideoSpecReader.Read(fields).ShouldBeNull();
        fields.Errors.ShouldHaveSingleItem().Message.ShouldStartWith(message);
    }

    [Fact]
    public void Equal_figures_have_one_hash_whatever_named_them()
    {
        var named = Read("""{"preset": "vbvr-rl"}""")!;
        named.Hash.ShouldBe(Read("""{"fps": 16, "frames": 81, "height": 512, "width": 512}""")!.Hash);
        named.Hash.ShouldNotBe((named with { KeepOriginal = true }).Hash);
    }

    [Fact]
    public void A_message_carries_its_videos_and_keeps_ad_hoc_output_apart()
    {
        const string Plain = """{"type": "chess", "start_index": 0, "num_samples": 1, "seed": 4""";
        var (message, _) = BatchMessageParser.Parse(Plain + """, "video": {"preset": "vbvr-rl"}}""");
        message!.Video.ShouldBe(new VideoSpec { Width = 512, Height = 512, Frames = 81, Fps = 16 });
        message.JobId.ShouldBe($"adhoc-4-video-{message.Video!.Hash}");
        BatchMessageParser.Parse(message.ToJson()).Message.ShouldBe(message);

        var (without, _) = BatchMessageParser.Parse(Plain + "}");
        without!.JobId.ShouldBe("adhoc-4");
        without.ToJson().ShouldNotContain("video");
        BatchMessageParser.Parse(Plain + """, "video": {"width": 3}}""").Errors.ShouldHaveSingleItem().ShouldStartWith("video.width is 3");
    }

    private static VideoSpec? Read(string video)
    {
        var fields = new JsonFields(JsonElement.Parse($$"""{"video": {{video}}}"""));
        var spec = VideoSpecReader.Read(fields);
        fields.Errors.ShouldBeEmpty();
        return spec;
    }
}
