#!/bin/sh
# Makes the clip that Kinetoscope ships: ten seconds of synthetic pictures and
# sound in four aligned renditions. Needs ffmpeg with libx264; the program and
# its tests need neither, they use the files beside this script.
#
#   ./make.sh [FOLDER]      writes into FOLDER, else beside the script
#
# What is in the picture: a dive into the Mandelbrot set (detail that grows, so
# that segments differ in size), a running test pattern with a clock, and a
# colony of Conway's life. The sound beeps once a second, so that eye and ear
# can check each other. All sources are ffmpeg's own generators: the clip is
# ours and needs nobody's licence.
#
# Repeatable: fixed seeds, one thread, bit-exact flags. The same ffmpeg build
# gives the same bytes; another build gives other bytes and the same structure,
# so run the tests and commit SHA256SUMS with the files.
#
# Every rendition has a closed GOP of exactly 2 s (50 pictures at 25 a second)
# with two B-pictures in a row. The containers differ on purpose, so that both
# readers do real work:
#   180p, 540p  progressive MP4, index in front
#   360p        progressive MP4, index at the end
#   270p        fragmented MP4, one fragment a GOP
set -eu
cd "$(dirname "$0")"
out=${1:-.}

picture='
mandelbrot=size=960x540:rate=25:start_scale=1.6:end_scale=0.0002:end_pts=400:maxiter=600:inner=period[fractal];
testsrc2=size=320x180:rate=25[pattern];
life=size=120x90:rate=25:mold=12:ratio=0.3:seed=1891:life_color=#ffd070:death_color=#803020:mold_color=#201008,scale=320:240:flags=neighbor[colony];
[fractal][pattern]overlay=x=24:y=336[a];
[a][colony]overlay=x=616:y=276,drawbox=x=0:y=0:w=960:h=540:color=white@0.6:t=4,format=yuv420p,split=4[v1][v2][v3][v4];
[v1]scale=320:180:flags=bicubic+accurate_rnd+bitexact[p180];
[v2]scale=480:270:flags=bicubic+accurate_rnd+bitexact[p270];
[v3]scale=640:360:flags=bicubic+accurate_rnd+bitexact[p360];
[v4]scale=960:540:flags=bicubic+accurate_rnd+bitexact[p540];
sine=frequency=220:beep_factor=4:sample_rate=48000,asplit=4[s1][s2][s3][s4]'

# encode HEIGHT SOUND KBIT PROFILE: the options of one rendition.
encode() {
	printf '%s ' -map "[p$1]" -map "[$2]" -t 10 \
		-c:v libx264 -preset slow -profile:v "$4" -threads:v 1 \
		-b:v "$3k" -maxrate "$(($3 * 3 / 2))k" -bufsize "$(($3 * 2))k" -bf 2 \
		-x264-params keyint=50:min-keyint=50:scenecut=0:open-gop=0:threads=1:lookahead-threads=1:b-adapt=0 \
		-c:a aac -b:a 24k -ac 1 \
		-flags:v +bitexact -flags:a +bitexact -fflags +bitexact -map_metadata -1 -f mp4
}

# shellcheck disable=SC2046 # the options are meant to split
ffmpeg -nostdin -hide_banner -loglevel warning -y -filter_threads 1 -filter_complex_threads 1 -filter_complex "$picture" \
	$(encode 180 s1 100 main) -movflags +faststart "$out/180p.mp4" \
	$(encode 270 s2 200 main) -movflags +frag_keyframe+delay_moov+default_base_moof "$out/270p.mp4" \
	$(encode 360 s3 380 high) "$out/360p.mp4" \
	$(encode 540 s4 655 high) -movflags +faststart "$out/540p.mp4"

cd "$out"
sha256sum 180p.mp4 270p.mp4 360p.mp4 540p.mp4 >SHA256SUMS
