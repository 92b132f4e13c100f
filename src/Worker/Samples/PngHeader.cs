using System.Buffers.Binary;

namespace VmDataset.Worker.Samples;

/// <summary>What a PNG's header promises of its image data.</summary>
internal readonly record struct PngHeader(uint Width, uint Height, int BitsPerPixel, bool Interlaced)
{
    public const int Bytes = 13;

    // Adam7: x and y of the first pixel of each pass, and the steps to the next.
    private static readonly (uint X, uint Y, uint StepX, uint StepY)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <returns>The header, or null when it is not valid.</returns>
    public static PngHeader? Read(ReadOnlySpan<byte> content)
    {
        if (content.Length != Bytes) return null;
        var (depth, colour, interlace) = (content[8], content[9], content[12]);
        var channels = (colour, depth) switch
        {
            (0, 1 or 2 or 4 or 8 or 16) => 1,
            (2, 8 or 16) => 3,
            (3, 1 or 2 or 4 or 8) => 1,
            (4, 8 or 16) => 2,
            (6, 8 or 16) => 4,
            _ => 0,
        };
        var header = new PngHeader(BinaryPrimitives.ReadUInt32BigEndian(content), BinaryPrimitives.ReadUInt32BigEndian(content[4..]),
            channels * depth, interlace == 1);
        var valid = channels > 0 && content[10] == 0 && content[11] == 0 && interlace <= 1
            && header.Width is > 0 and <= int.MaxValue && header.Height is > 0 and <= int.MaxValue;
        return valid ? header : null;
    }

    /// <summary>Bytes of the image data once inflated. Two numbers of 31 bits overflow a long.</summary>
    public Int128 InflatedBytes => Passes().Aggregate((Int128)0, static (sum, pass) => sum + ((Int128)pass.Rows * (1 + pass.RowBytes)));

    public IEnumerable<(uint Rows, long RowBytes)> Passes()
    {
        if (!Interlaced) return [(Height, RowBytes(Width))];
        var (width, height, self) = (Width, Height, this);
        return Adam7.Where(pass => width > pass.X && height > pass.Y).Select(pass =>
            ((height - pass.Y + pass.StepY - 1) / pass.StepY, self.RowBytes((width - pass.X + pass.StepX - 1) / pass.StepX)));
    }

    private long RowBytes(uint pixels) => (((long)pixels * BitsPerPixel) + 7) / 8;
}
