using System.Globalization;

namespace MiniDns.Expressions;

/// <summary>A value of an expression. The default is nothing.</summary>
/// <remarks>Texts and lists are parts of memory that stays as it is until <see cref="ExpressionContext.End"/>; take <see cref="ToString"/> of what is to live longer.</remarks>
public readonly struct ExpressionValue
{
    private readonly object? _memory;       // of a text a string or a char[], of a list an ExpressionValue[]; null for a range
    private readonly long _bits;            // a number; where a text or a list begins in its memory; the first number of a range
    private readonly int _count;
    private readonly ExpressionType _type;

    private ExpressionValue(ExpressionType type, object? memory, long bits, int count)
    {
        _type = type;
        _memory = memory;
        _bits = bits;
        _count = count;
    }

    /// <summary>What it is; never <see cref="ExpressionType.Any"/>.</summary>
    public ExpressionType Type => _type == ExpressionType.Any ? ExpressionType.Nil : _type;

    /// <summary>The truth value of a <see cref="ExpressionType.Bool"/>.</summary>
    public bool Bool => _bits != 0;

    /// <summary>The number of an <see cref="ExpressionType.Int"/>.</summary>
    public long Int => _bits;

    /// <summary>The number of an <see cref="ExpressionType.Int"/> or <see cref="ExpressionType.Float"/>.</summary>
    public double Number => _type == ExpressionType.Int ? _bits : BitConverter.Int64BitsToDouble(_bits);

    /// <summary>The text of a <see cref="ExpressionType.String"/>.</summary>
    public ReadOnlySpan<char> Text => _memory is string text ? text.AsSpan((int)_bits, _count) : ((char[])_memory!).AsSpan((int)_bits, _count);

    /// <summary>How many elements a <see cref="ExpressionType.List"/> has, or characters a <see cref="ExpressionType.String"/>.</summary>
    public int Count => _count;

    /// <summary>True for a number of either kind.</summary>
    public bool IsNumber => _type is ExpressionType.Int or ExpressionType.Float;

    /// <summary>True or false.</summary>
    public static ExpressionValue From(bool value) => new(ExpressionType.Bool, null, value ? 1 : 0, 0);

    /// <summary>A whole number.</summary>
    public static ExpressionValue From(long value) => new(ExpressionType.Int, null, value, 0);

    /// <summary>A number with a fraction.</summary>
    public static ExpressionValue From(double value) => new(ExpressionType.Float, null, BitConverter.DoubleToInt64Bits(value), 0);

    /// <summary>Text.</summary>
    public static ExpressionValue From(string value) => new(ExpressionType.String, value, 0, value.Length);

    /// <summary>Values in an order.</summary>
    public static ExpressionValue From(ExpressionValue[] values) => From(values, 0, values.Length);

    /// <summary>Text in memory of an evaluation.</summary>
    internal static ExpressionValue From(char[] memory, int start, int length) => new(ExpressionType.String, memory, start, length);

    /// <summary>Values in memory of an evaluation.</summary>
    internal static ExpressionValue From(ExpressionValue[] memory, int start, int count) => new(ExpressionType.List, memory, start, count);

    /// <summary>Whole numbers one after the other.</summary>
    internal static ExpressionValue Range(long first, int count) => new(ExpressionType.List, null, first, count);

    /// <summary>An element of a list.</summary>
    /// <param name="index">Its place, from 0 to below <see cref="Count"/>.</param>
    public ExpressionValue At(int index) => _memory is ExpressionValue[] values ? values[_bits + index] : From(_bits + index);

    /// <summary>A part of a text or a list.</summary>
    /// <param name="start">Where it begins.</param>
    /// <param name="count">How many characters or elements it has.</param>
    public ExpressionValue Part(int start, int count) => new(_type, _memory, _bits + start, count);

    /// <summary>True when the other value is the same: numbers by what they are worth, lists element by element.</summary>
    public bool Same(in ExpressionValue other)
    {
        if (IsNumber && other.IsNumber)
        {
            return Type == ExpressionType.Int && other.Type == ExpressionType.Int ? Int == other.Int : Number == other.Number;
        }

        return Type == other.Type && Type switch
        {
            ExpressionType.Bool => Bool == other.Bool,
            ExpressionType.String => Text.SequenceEqual(other.Text),
            ExpressionType.List => SameElements(other),
            _ => true,
        };
    }

    /// <summary>True when a list has an element that is the same as a value.</summary>
    public bool Has(in ExpressionValue value)
    {
        if (_memory is null)
        {
            return value.IsNumber && value.Number >= _bits && value.Number < _bits + _count && Math.Floor(value.Number) == value.Number;
        }

        foreach (ref readonly ExpressionValue element in ((ExpressionValue[])_memory).AsSpan((int)_bits, _count))
        {
            if (element.Same(value))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public override string ToString() => Type switch
    {
        ExpressionType.Bool => Bool ? "true" : "false",
        ExpressionType.Int => Int.ToString(CultureInfo.InvariantCulture),
        ExpressionType.Float => Number.ToString("R", CultureInfo.InvariantCulture),
        ExpressionType.String => _memory is string whole && whole.Length == _count ? whole : Text.ToString(),
        ExpressionType.List => "[" + string.Join(' ', Elements().Select(v => v.ToString())) + "]",
        _ => "nil",
    };

    /// <summary>The elements of a list.</summary>
    public IEnumerable<ExpressionValue> Elements()
    {
        for (int i = 0; i < _count; i++)
        {
            yield return At(i);
        }
    }

    private bool SameElements(in ExpressionValue other)
    {
        if (_count != other._count)
        {
            return false;
        }

        for (int i = 0; i < _count; i++)
        {
            if (!At(i).Same(other.At(i)))
            {
                return false;
            }
        }

        return true;
    }
}
