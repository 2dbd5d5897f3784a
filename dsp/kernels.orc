# The element-wise loops of dsp/, for orcc. `ninja update-orc-dist` writes the
# generated C that is kept in git (kernels-dist.c and .h).

.function dmix_kernel_gain
.dest 4 io float
.floatparam 4 gain
mulf io, io, gain

.function dmix_kernel_add
.dest 4 io float
.source 4 other float
addf io, io, other

.function dmix_kernel_mix
.dest 4 io float
.source 4 other float
.floatparam 4 gain
.floatparam 4 other_gain
.temp 4 a
.temp 4 b
mulf a, io, gain
mulf b, other, other_gain
addf io, a, b

# One sound at two gains, interleaved; what is no sound becomes 0 on the way, as
# in finite.c, and so does -0.
.function dmix_kernel_pair
.dest 8 out float
.source 4 sound float
.floatparam 4 first
.floatparam 4 second
.temp 4 size
.temp 4 huge
.temp 4 clean
.temp 4 a
.temp 4 b
andl size, sound, 0x7fffffff
cmpgtsl huge, size, 0x4e6e6b28
cmpgtsl clean, size, 0x007fffff
andnl clean, huge, clean
andl clean, clean, sound
mulf a, clean, first
mulf b, clean, second
addf a, a, 0
addf b, b, 0
mergelq out, a, b
