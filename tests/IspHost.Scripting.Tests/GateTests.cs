using System.Reflection;
using System.Reflection.Emit;
using IspHost.Scripting.Images;
using IspHost.Sdk.Rating;

namespace IspHost.Scripting.Tests;

/// <summary>The host looks at images itself: these never came from a compile worker of ours.</summary>
public sealed class GateTests(Workers workers)
{
    const MethodAttributes Native = MethodAttributes.Static | MethodAttributes.PinvokeImpl;

    [Fact]
    public void An_assembly_with_other_references_is_refused()
        => Assert.EndsWith(
            " is not available to scripts.",
            ImageGate.Refuse(File.ReadAllBytes(typeof(RatingItem).Assembly.Location)),
            StringComparison.Ordinal);

    [Fact]
    public void Bytes_that_are_no_assembly_are_refused() => Assert.Equal("The image is broken.", ImageGate.Refuse([1, 2, 3]));

    [Fact]
    public void A_method_that_only_returns_passes() => Assert.Null(ImageGate.Refuse(Assembly(code => code.Emit(OpCodes.Ret))));

    [Fact]
    public void A_loop_without_a_meter_is_refused() => Assert.Equal("M has a loop without a meter.", ImageGate.Refuse(Assembly(code =>
    {
        var start = code.DefineLabel();
        code.MarkLabel(start);
        code.Emit(OpCodes.Br, start);
    })));

    [Fact]
    public void An_instruction_that_reaches_raw_memory_is_refused()
        => Assert.Equal("M has the instruction localloc.", ImageGate.Refuse(Assembly(code =>
        {
            code.Emit(OpCodes.Ldc_I4_8);
            code.Emit(OpCodes.Localloc);
            code.Emit(OpCodes.Pop);
            code.Emit(OpCodes.Ret);
        })));

    [Fact]
    public void An_element_is_written_by_its_address() => Assert.Null(ImageGate.Refuse(Assembly(code =>
    {
        code.Emit(OpCodes.Ldc_I4_1);
        code.Emit(OpCodes.Newarr, typeof(int));
        code.Emit(OpCodes.Ldc_I4_0);
        code.Emit(OpCodes.Ldelema, typeof(int));
        code.Emit(OpCodes.Ldc_I4_7);
        code.Emit(OpCodes.Stind_I4);
        code.Emit(OpCodes.Ret);
    })));

    [Fact]
    public void A_number_is_no_address()
        => Assert.Equal("M takes something for what it is not, by the instruction ldind.i8.", ImageGate.Refuse(Assembly(code =>
        {
            code.Emit(OpCodes.Ldc_I8, 0L);
            code.Emit(OpCodes.Conv_U);
            code.Emit(OpCodes.Ldind_I8);
            code.Emit(OpCodes.Pop);
            code.Emit(OpCodes.Ret);
        })));

    [Fact]
    public void A_number_is_no_object()
        => Assert.Equal("M takes something for what it is not, by the instruction stloc.0.", ImageGate.Refuse(Assembly(code =>
        {
            code.DeclareLocal(typeof(string));
            code.Emit(OpCodes.Ldc_I8, 0L);
            code.Emit(OpCodes.Stloc_0);
            code.Emit(OpCodes.Ret);
        })));

    [Fact]
    public void A_number_is_no_item_of_a_list_of_texts()
        => Assert.Equal("M takes something for what it is not, by the instruction callvirt.", ImageGate.Refuse(Assembly(code =>
        {
            code.Emit(OpCodes.Newobj, typeof(List<string>).GetConstructor([])!);
            code.Emit(OpCodes.Ldc_I8, 0L);
            code.Emit(OpCodes.Callvirt, typeof(List<string>).GetMethod(nameof(List<string>.Add))!);
            code.Emit(OpCodes.Ret);
        })));

    [Fact]
    public void A_number_is_no_code()
        => Assert.Equal("M takes something for what it is not, by the instruction newobj.", ImageGate.Refuse(Assembly(code =>
        {
            code.Emit(OpCodes.Ldnull);
            code.Emit(OpCodes.Ldc_I8, 0L);
            code.Emit(OpCodes.Conv_I);
            code.Emit(OpCodes.Newobj, typeof(Func<decimal>).GetConstructors()[0]);
            code.Emit(OpCodes.Pop);
            code.Emit(OpCodes.Ret);
        })));

    [Fact]
    public void A_call_that_is_not_on_the_list_is_refused()
        => Assert.Equal("System.GC is not available to scripts.", ImageGate.Refuse(Assembly(code =>
        {
            code.Emit(OpCodes.Call, typeof(GC).GetMethod(nameof(GC.Collect), [])!);
            code.Emit(OpCodes.Ret);
        })));

    [Fact]
    public void An_overload_that_is_not_on_the_list_is_refused()
        => Assert.Equal("System.Decimal.ToDouble(System.Decimal) is not available to scripts.", ImageGate.Refuse(Assembly(code =>
        {
            code.Emit(OpCodes.Ldsfld, typeof(decimal).GetField(nameof(decimal.One))!);
            code.Emit(OpCodes.Call, typeof(decimal).GetMethod(nameof(decimal.ToDouble))!);
            code.Emit(OpCodes.Pop);
            code.Emit(OpCodes.Ret);
        })));

    [Fact]
    public void A_native_method_is_refused() => Assert.Equal("The image has native modules.", ImageGate.Refuse(Assembly(
        code => code.Emit(OpCodes.Ret),
        type => type.DefinePInvokeMethod("getpid", "libc", Native, CallingConventions.Standard, typeof(int), [], 0, 0))));

    [Fact]
    public void Code_that_runs_by_itself_is_refused() => Assert.Equal("T has code that runs by itself.", ImageGate.Refuse(Assembly(
        code => code.Emit(OpCodes.Ret),
        type => type.DefineTypeInitializer().GetILGenerator().Emit(OpCodes.Ret))));

    /// <summary>The database is not trusted either.</summary>
    [Fact]
    public async Task An_image_that_was_changed_is_not_run()
    {
        var image = await workers.ImageAsync("return 1m;");
        var changed = image with { Bytes = [.. "ISPS"u8, 0, 0, .. Assembly(code => code.Emit(OpCodes.Break))] };

        await Assert.ThrowsAsync<InvalidDataException>(
            () => workers.Scripts.RunAsync(Workers.Tenant, changed, [Vector.Item], Workers.Stop));
    }

    static byte[] Assembly(Action<ILGenerator> code, Action<TypeBuilder>? more = null)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName("IspHost.Script"), typeof(object).Assembly);
        var type = assembly.DefineDynamicModule("IspHost.Script").DefineType("T");
        code(type.DefineMethod("M", MethodAttributes.Static, typeof(void), []).GetILGenerator());
        more?.Invoke(type);
        type.CreateType();
        using var bytes = new MemoryStream();
        assembly.Save(bytes);
        return bytes.ToArray();
    }
}
